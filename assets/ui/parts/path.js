/** A path: the name of the file first, its folder under it. */

import { html } from "../vendor/lit-html/lit-html.js";
import { marksOf, wholeInput } from "./input.js";
import { code } from "./text.js";

/** @typedef {import("./yes.js").View} View */

/** That field of the input. @param {View} v @param {string} key @param {unknown} [beside] stands at the right of the name */
export function path({ a, s }, key, beside = "") {
  const text = String(a.input[key] ?? "");
  // Spaces at its ends would not be seen.
  if (text.trim() !== text || text === "") return wholeInput(a, { [key]: text });
  const name = text.lastIndexOf("/", text.length - 2) + 1;
  const from = home(text, s.home);
  const plain = from > 0 && from < name && marksOf(a, key, 0, from).length === 0;
  const folder = text.slice(plain ? from : 0, name);
  return html`<div class="path" id="path"><code dir="ltr"><span class="row"><strong class="grow">${code(text.slice(name), undefined, marksOf(a, key, name, text.length))}</strong>${beside}</span>
    <span class="dim">${plain ? "~" : ""}${code(folder, undefined, marksOf(a, key, plain ? from : 0, name))}</span></code></div>`;
}

/** How much of a path is the user's home. @param {string} text @param {string} dir */
function home(text, dir) {
  return dir && dir !== "/" && text.startsWith(`${dir}/`) ? dir.length : 0;
}
