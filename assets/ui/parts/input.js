/** The input of any tool, field by field, with its marks: what a card shows that knows nothing better. */

import { html } from "../vendor/lit-html/lit-html.js";
import { fields, json } from "./fields.js";
import { main, reasons, stresses } from "./risk.js";
import { block, code, line } from "./text.js";

/** @typedef {import("../wire").Approval} Approval */

/** All of it, or only these fields of it. @param {Approval} a @param {Record<string, unknown>} [input] */
export function wholeInput(a, input = a.input) {
  return block(inputFields(a, input), "Input of the tool");
}

/** @param {Approval} a @param {Record<string, unknown>} input */
function inputFields(a, input) {
  const all = fields(input);
  if (all.length === 0) return html`<span class="k-op">no input</span>`;
  return all.map(({ key, kind, text }) => {
    const pieces = kind === "json" ? json(text) : undefined;
    return html`<span class="f ${kind === "short" ? "short" : ""}"><span class="f-key">${line(key)}</span><span class="f-val">${code(text, pieces, marksIn(a, key, text))}</span></span>`;
  });
}

/** The marks of a field, if they are in it; its text may be drawn in quotes. @param {Approval} a @param {string} key @param {string} drawn */
function marksIn(a, key, drawn) {
  const marked = main(a);
  const shift = marked?.key === key ? drawn.indexOf(marked.text) : -1;
  if (shift < 0) return [];
  return stresses(reasons(a)).map((s) => ({ ...s, at: s.at + shift, end: s.end + shift }));
}

/** The marks of a field that is drawn in parts: those of the part from `at` to `end`, counted from where it begins. @param {Approval} a @param {string} key @param {number} at @param {number} end */
export function marksOf(a, key, at, end) {
  if (main(a)?.key !== key) return [];
  return stresses(reasons(a))
    .filter((s) => s.at < end && s.end > at)
    .map((s) => ({ ...s, at: Math.max(s.at, at) - at, end: Math.min(s.end, end) - at, ends: s.end <= end ? s.ends : [] }));
}
