/** What stands where there is nothing, is nothing yet, or could not be had. */

import { html } from "../vendor/lit-html/lit-html.js";

/** @param {string} title @param {unknown} words @param {unknown} [more] */
export function empty(title, words, more = "") {
  return html`<div class="center"><div class="none">
    <svg class="bigmark" viewBox="0 0 22 22" aria-hidden="true"><path d="M4 4.5l6.5 6.5L4 17.5" /><circle cx="16" cy="16" r="2.500" /></svg>
    <h1>${title}</h1><p>${words}</p>${more}</div></div>`;
}

/** Something comes: seen only when it takes a while. @param {string} [words] */
export function loading(words = "One moment…") {
  return html`<p class="loading dimmer" role="status">${words}</p>`;
}
