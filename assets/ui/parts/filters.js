/** What narrows a list down. Each says what it is set to, and gives back the new value. */

import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "./icons.js";

/** @typedef {[value: string, word: string][]} Choices */

/** @type {Choices} */
export const DAYS = [
  ["1", "24 h"],
  ["7", "7 days"],
  ["30", "30 days"],
  ["", "Any"],
];

/** A few choices side by side. @param {string} label @param {Choices} choices @param {string} value @param {(value: string) => void} choose */
export function seg(label, choices, value, choose) {
  return html`<div class="seg" role="group" aria-label=${label}>${choices.map(
    ([of, word]) => html`<button type="button" aria-pressed=${of === value ? "true" : "false"} @click=${() => choose(of)}>${word}</button>`,
  )}</div>`;
}

/** Many choices in a list; a value that is not among them is one too. @param {string} label @param {Choices} choices @param {string} value @param {(value: string) => void} choose */
export function pick(label, choices, value, choose) {
  const all = choices.some(([of]) => of === value) ? choices : [...choices, /** @type {[string, string]} */ ([value, value])];
  const changed = (/** @type {Event} */ e) => choose(/** @type {HTMLSelectElement} */ (e.target).value);
  return html`<select class="field" aria-label=${label} @change=${changed}>${all.map(
    ([of, word]) => html`<option value=${of} .selected=${of === value}>${word}</option>`,
  )}</select>`;
}

/**
 * A box that finds while one writes; ↓ goes to the first row.
 * @param {Finder} finder @param {string} label @param {() => void} down
 */
export function findBox(finder, label, down) {
  const typed = (/** @type {Event} */ e) => finder.typed(/** @type {HTMLInputElement} */ (e.target).value);
  const keyed = (/** @type {KeyboardEvent} */ e) => {
    if (e.isComposing) return;
    if (e.key === "Enter") finder.now();
    if (e.key === "Escape" && finder.text) finder.clear(), e.preventDefault();
    if (e.key === "ArrowDown") down(), e.preventDefault();
  };
  return html`<div class="find">${icon("find")}<input class="field" id="find" type="search" autocomplete="off" spellcheck="false" maxlength="2000"
    placeholder=${label} aria-label=${label} aria-keyshortcuts="/" .value=${finder.text} @input=${typed} @keydown=${keyed}></div>`;
}

/** Whether the filters are shown where there is little room. */
let unfolded = false;

/** The filters but the box; where there is little room, a button shows them and says how many are set. @param {import("../app.js").App} app @param {string[]} names @param {unknown} inside */
export function folded(app, names, inside) {
  const set = names.filter((n) => n !== "q" && app.route.query[n]).length;
  const press = () => ((unfolded = !unfolded), app.draw());
  return html`<button class="btn only-small unfold-filters" type="button" aria-expanded=${unfolded ? "true" : "false"} @click=${press}>Filters${set ? `, ${set} set` : ""}${icon("down", "i-s")}</button>
    <div class="rest-filters" data-open=${unfolded ? "yes" : "no"}>${inside}</div>`;
}

/** What is written in the box, and when it is looked for. */
export class Finder {
  /** @param {(text: string) => void} find */
  constructor(find) {
    this.find = find;
    this.text = "";
    /** What was looked for last. */ this.found = "";
    /** @type {ReturnType<typeof setTimeout>|undefined} */ this.timer = undefined;
  }

  /** Waits for the writer to pause. @param {string} text */
  typed(text) {
    this.text = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), PAUSE_MS);
  }

  now() {
    clearTimeout(this.timer);
    this.found = this.text.trim();
    this.find(this.found);
  }

  clear() {
    this.text = "";
    this.now();
  }

  /** What the address says; only news of it counts, somebody may be writing. @param {string} text */
  told(text) {
    if (text === this.found) return;
    clearTimeout(this.timer);
    this.found = text;
    this.text = text;
  }
}

const PAUSE_MS = 150;
