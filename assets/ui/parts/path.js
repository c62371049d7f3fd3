/** A path: the name of the file first, its folder under it; in the project as seen from there. */

import { html } from "../vendor/lit-html/lit-html.js";
import { plain } from "./escapes.js";
import { marksOf, wholeInput } from "./input.js";
import { code } from "./text.js";

/**
 * @typedef {import("./yes.js").View} View
 * @typedef {import("../wire").CardFile} CardFile
 */

/** That field of the input. @param {View} v @param {string} key @param {unknown} [beside] stands at the right of the name */
export function path({ a, s }, key, beside = "") {
  const text = String(a.input[key] ?? "");
  // Spaces at its ends would not be seen.
  if (text.trim() !== text || text === "") return wholeInput(a, { [key]: text });
  const name = text.lastIndexOf("/", text.length - 2) + 1;
  // Nothing that is marked goes; but a mark on all of it is on the rest too.
  const all = marksOf(a, key, 0, text.length);
  const fair = (/** @type {number} */ from) => from > 0 && from < name && all.every(({ at, end }) => at >= from || (from === inside && at === 0 && end === text.length));
  const [inside, below] = [project(text, a.cwd, s.cards[a.id]?.file), home(text, s.home)];
  const from = [inside, below].find(fair) ?? 0;
  return html`<div class="path" id="path"><code dir="ltr" title=${plain(text)}><span class="row"><strong class="grow">${code(text.slice(name), undefined, marksOf(a, key, name, text.length))}</strong>${beside}</span>
    <span class="dim">${from > 0 && from !== inside ? "~" : ""}${code(text.slice(from, name), undefined, marksOf(a, key, from, name))}</span></code></div>`;
}

/**
 * How much of a path leads to the project, where no link leads elsewhere. Beside another folder than the project's
 * own, its name is said too. @param {string} text @param {string} cwd @param {CardFile|null|undefined} file
 */
function project(text, cwd, file) {
  const inside = file?.relative;
  if (!inside || file.outside || file.link !== null || file.path !== text || !text.endsWith(`/${inside}`)) return 0;
  const root = text.length - inside.length;
  return text.slice(0, root - 1) === cwd && inside.includes("/") ? root : text.lastIndexOf("/", root - 2) + 1;
}

/** How much of a path is the user's home. @param {string} text @param {string} dir */
function home(text, dir) {
  return dir && dir !== "/" && text.startsWith(`${dir}/`) ? dir.length : 0;
}
