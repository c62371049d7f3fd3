/**
 * Blocks of a text with structure → templates. Text only: links and images are their address, nothing is clicked,
 * nothing is fetched.
 */

import { html } from "../vendor/lit-html/lit-html.js";
import { code, line, lines } from "./text.js";

/**
 * @typedef {import("../wire").Block} Block
 * @typedef {import("../wire").TextSpan} TextSpan
 */

/** @param {Block[]} blocks @param {string} label */
export function markdown(blocks, label) {
  return html`<div class="md" id="input" tabindex="0" role="group" aria-label=${label}>${blocks.map(block)}</div>`;
}

/** @param {Block} b @returns {unknown} */
function block(b) {
  const inside = () => (b.blocks ?? []).map(block);
  switch (b.b) {
    case "h":
      return html`<div class="h h${b.level ?? 1}" role="heading" aria-level=${(b.level ?? 1) + 1}>${spans(b.spans)}</div>`;
    case "ul":
      return html`<ul>${inside()}</ul>`;
    case "ol":
      return html`<ol start=${b.start ?? 1}>${inside()}</ol>`;
    case "li":
      return html`<li>${inside()}</li>`;
    case "quote":
      return html`<blockquote>${inside()}</blockquote>`;
    case "code":
      return html`<div class="fence">${b.lang ? html`<span class="lang">${line(b.lang)}</span>` : ""}<pre dir="ltr"><code>${code((b.text ?? "").replace(/\n$/, ""))}</code></pre></div>`;
    case "table":
      return table(b.rows ?? []);
    case "hr":
      return html`<hr>`;
    default:
      return html`<p>${spans(b.spans)}</p>`;
  }
}

/** @param {TextSpan[][][]} rows */
function table([head = [], ...rows]) {
  const row = (/** @type {TextSpan[][]} */ cells) => html`<tr>${head.map((_, i) => html`<td>${spans(cells[i])}</td>`)}</tr>`;
  return html`<div class="wide"><table><thead><tr>${head.map((cell) => html`<th scope="col">${spans(cell)}</th>`)}</tr></thead><tbody>${rows.map(row)}</tbody></table></div>`;
}

/** @param {TextSpan[]|undefined} all @returns {unknown} */
function spans(all) {
  return (all ?? []).map(span);
}

/** @param {TextSpan} s @returns {unknown} */
function span(s) {
  switch (s.s) {
    case "code":
      return html`<code dir="ltr">${code(s.t ?? "")}</code>`;
    case "strong":
      return html`<strong>${spans(s.spans)}</strong>`;
    case "em":
      return html`<em>${spans(s.spans)}</em>`;
    case "link":
      return written(s.spans) === s.href ? address(s) : html`<span class="linked">${spans(s.spans)}</span> ${address(s)}`;
    case "image":
      return html`<span class="linked">Image: ${spans(s.spans)}</span> ${address(s)}`;
    default:
      return lines(s.t ?? "");
  }
}

/** @param {TextSpan} s */
function address(s) {
  return html`<code class="address" dir="ltr">${line(s.href ?? "")}</code>`;
}

/** The words of spans, without their looks. @param {TextSpan[]|undefined} all @returns {string} */
function written(all) {
  return (all ?? []).map((s) => s.t ?? written(s.spans)).join("");
}
