/** Text of others → templates: always text, always left to right, never invisible. */

import { html } from "../vendor/lit-html/lit-html.js";
import { marks } from "./escapes.js";
import { common, cut, groups, runs, stressed } from "./spans.js";

/** @typedef {import("./spans.js").Span} Span */

/** One line of outside text (a project, a branch, a path). @param {unknown} value */
export function line(value) {
  return html`<bdi dir="ltr">${drawn(String(value ?? ""), false)}</bdi>`;
}

/** Outside text that may have lines of its own. @param {string} text */
export function lines(text) {
  return html`<bdi dir="ltr" class="lines">${drawn(text, true)}</bdi>`;
}

/**
 * Coloured code, without a frame, marked where there is a reason for care.
 * @param {string} text @param {import("./spans.js").Piece[]} [pieces] @param {import("./risk.js").Stress[]} [stresses]
 */
export function code(text, pieces = [{ k: "", t: text, w: -1 }], stresses = []) {
  const words = groups(stressed(cut(pieces, marks(text, true)), stresses));
  return runs(words, common).map((run) => marked(run.stress, run.items.map(word)));
}

/** @param {import("./spans.js").Group} g */
function word(g) {
  const inside = common(g) === null ? runs(g.spans, (s) => s.stress).map((run) => marked(run.stress, run.items.map(span))) : g.spans.map(span);
  return g.together ? html`<span class="w">${inside}</span>` : inside;
}

/** @param {import("./risk.js").Stress|undefined} stress @param {unknown} inside */
function marked(stress, inside) {
  return stress ? html`<mark class=${stress.level} data-n=${stress.numbers.join(" ")}>${inside}</mark>` : inside;
}

/** The frame code stands in: it scrolls with its page, it never cuts. @param {unknown} inside @param {string} label */
export function block(inside, label) {
  return html`<div class="code" id="input" tabindex="0" role="group" aria-label=${label}><pre dir="ltr"><code>${inside}</code></pre></div>`;
}

/** @param {string} text @param {boolean} layout */
function drawn(text, layout) {
  return cut([{ k: "", t: text, w: -1 }], marks(text, layout)).map(span);
}

/** @param {Span} s */
function span(s) {
  return s.ends?.length ? [bare(s), html`<sup aria-hidden="true">${s.ends.join(",")}</sup>`] : bare(s);
}

/** @param {Span} s */
function bare(s) {
  if (s.mark) return html`<span class="esc" title=${s.mark.name}>${s.mark.label}</span>`;
  return s.k ? html`<span class=${`k-${s.k}`}>${s.t}</span>` : s.t;
}
