/** Fields of an input that have no place of their own: never left out. */

import { html } from "../vendor/lit-html/lit-html.js";
import { fields } from "./fields.js";
import { code, line } from "./text.js";

/** @param {Record<string, unknown>} rest */
export function others(rest) {
  const all = fields(rest);
  if (all.length === 0) return "";
  return html`<dl class="others">${all.map((f) => html`<div><dt>${line(f.key)}</dt><dd><code dir="ltr">${code(f.text)}</code></dd></div>`)}</dl>`;
}
