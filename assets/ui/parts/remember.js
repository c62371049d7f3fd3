/** What Claude offers to remember: each in words, with where it is kept. */

import { html } from "../vendor/lit-html/lit-html.js";
import { offered } from "../forms/remember.js";
import { icon } from "./icons.js";
import { code, line } from "./text.js";
import { use } from "./use.js";

/**
 * @typedef {import("./yes.js").View} View
 * @typedef {import("../forms/remember.js").Offer} Offer
 * @typedef {import("../forms/remember.js").Meaning} Meaning
 */

/** @param {View} v */
export function remember(v) {
  return html`<div class="opts" role="group" aria-label="What Claude offers to remember">${offered(v.a).map((o, n) => one(v, o, n))}</div>`;
}

/** How many are ticked. @param {View} v @returns {number} */
export function ticked({ form }) {
  return form.panel === "remember" ? form.remember.ticks.length : 0;
}

/** @param {View} v @param {Offer} o @param {number} n */
function one(v, o, n) {
  return html`<label class="opt">
    <input class="tick" type="checkbox" id=${`remember-${n + 1}`} .checked=${v.form.remember.ticks.includes(n)} ?disabled=${!o.tick} aria-labelledby=${`remember-t-${n}`} aria-describedby=${`remember-d-${n}`} @click=${(/** @type {Event} */ e) => use(v, e, { what: "tick", n })}>
    <span class="t" id=${`remember-t-${n}`}>${o.all.length ? o.all.map(means) : "Something that ccmon has no words for"}</span>
    <small class="more-of" id=${`remember-d-${n}`}>${place(o)}</small>
  </label>`;
}

/** @param {Meaning} m */
export function means({ words, text, care }) {
  return html`<span class="means">${care ? icon("alert", "i-s") : ""}${words} ${text ? html`<code>${line(text)}</code>` : ""}</span>`;
}

/** Where it is kept, or all of it where there are no words. @param {Offer} o */
export function where(o) {
  return o.json ? html`<span class="code"><pre dir="ltr"><code>${code(o.json)}</code></pre></span>` : html`<span>${o.where}${o.file ? html` <code>${o.file}</code>` : ""}</span>`;
}

/** @param {Offer} o */
function place(o) {
  if (!o.json) return where(o);
  return html`<span>${o.tick ? "This is all of it, as Claude offers it:" : "It is too long to be shown whole. Remember it in the terminal."}</span>${where(o)}`;
}
