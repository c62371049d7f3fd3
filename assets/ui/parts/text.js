/** Text of others → templates: always text, always left to right, never invisible. */

import { html } from "../vendor/lit-html/lit-html.js";
import { marks } from "./escapes.js";
import { cut, groups } from "./spans.js";

/** One line of outside text (a project, a branch, a path). @param {unknown} value */
export function line(value) {
  return html`<bdi dir="ltr">${drawn(String(value ?? ""), false)}</bdi>`;
}

/** Outside text that may have lines of its own. @param {string} text */
export function lines(text) {
  return html`<bdi dir="ltr" class="lines">${drawn(text, true)}</bdi>`;
}

/** Coloured code, without a frame. @param {string} text @param {import("./spans.js").Piece[]} [pieces] */
export function code(text, pieces = [{ k: "", t: text, w: -1 }]) {
  return groups(cut(pieces, marks(text, true))).map((g) =>
    g.together ? html`<span class="w">${g.spans.map(span)}</span>` : g.spans.map(span),
  );
}

/** The frame code stands in: it scrolls with its page, it never cuts. @param {unknown} inside @param {string} label */
export function block(inside, label) {
  return html`<div class="code" id="input" tabindex="0" role="group" aria-label=${label}><pre dir="ltr"><code>${inside}</code></pre></div>`;
}

/** @param {string} text @param {boolean} layout */
function drawn(text, layout) {
  return cut([{ k: "", t: text, w: -1 }], marks(text, layout)).map(span);
}

/** @param {import("./spans.js").Span} s */
function span(s) {
  if (s.mark) return html`<span class="esc" title=${s.mark.name}>${s.mark.label}</span>`;
  return s.k ? html`<span class=${`k-${s.k}`}>${s.t}</span>` : s.t;
}
