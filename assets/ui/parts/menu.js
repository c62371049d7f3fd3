/** A button with more behind it. Closes by Escape, by a choice, and when the focus goes elsewhere. */

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { icon } from "./icons.js";

/**
 * @typedef {import("./icons.js").Name} Name
 * @typedef {{label: string, icon?: Name, run: () => void, checked?: boolean, hint?: string}|null} Choice  `null` is not there
 */

/** @param {string} label @param {Choice[]} choices */
export function menu(label, choices) {
  return html`<details class="menu" @focusout=${left} @keydown=${keyed}>
    <summary class="btn icon" aria-label=${label} title=${label}>${icon("more")}</summary>
    <div class="menu-list">${choices.map((c) => (c ? choice(c) : ""))}</div>
  </details>`;
}

/** @param {NonNullable<Choice>} c */
function choice(c) {
  const press = (/** @type {MouseEvent} */ e) => {
    close(e.currentTarget);
    c.run();
  };
  const checked = c.checked === undefined ? undefined : c.checked ? "true" : "false";
  return html`<button type="button" aria-pressed=${checked ?? nothing} @click=${press}>
    ${checked === "true" ? icon("check", "i-s") : c.icon ? icon(c.icon, "i-s") : html`<span class="i-s"></span>`}<span class="grow">${c.label}</span>${c.hint ? html`<kbd>${c.hint}</kbd>` : ""}</button>`;
}

/** @param {FocusEvent} e */
function left(e) {
  const details = e.currentTarget;
  if (details instanceof HTMLDetailsElement && !(e.relatedTarget instanceof Node && details.contains(e.relatedTarget))) details.open = false;
}

/** @param {KeyboardEvent} e */
function keyed(e) {
  const details = e.currentTarget;
  if (!(details instanceof HTMLDetailsElement) || !details.open) return;
  if (e.key === "Escape") {
    e.preventDefault();
    close(details.querySelector("button"));
  }
  if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
  e.preventDefault();
  const all = [...details.querySelectorAll("button")];
  const at = all.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
  all[(at + (e.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]?.focus();
}

/** @param {EventTarget|null} inside */
function close(inside) {
  const details = inside instanceof Element ? inside.closest("details") : null;
  if (!details) return;
  details.open = false;
  details.querySelector("summary")?.focus();
}
