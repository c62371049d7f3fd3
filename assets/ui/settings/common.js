/** What the pages of the settings share: their head, their states, notes, words with code in them. */

import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "../parts/icons.js";
import { line } from "../parts/text.js";
import { ago } from "../parts/time.js";

/**
 * @typedef {import("../app.js").App} App
 * @typedef {{
 *   id: string, title: string, icon: Parameters<typeof icon>[0],
 *   view: (app: App) => unknown,
 *   enter?: (app: App) => void,
 *   moved?: (app: App) => void,
 *   leave?: (app: App) => void,
 *   frame?: (frame: any, app: App) => void,
 * }} Page
 */

const DAY = 86_400_000;
const numbers = new Intl.NumberFormat("en");

/** `1,204`. @param {number} n */
export function many(n) {
  return numbers.format(n);
}

/** `1 event`, `2 events`. @param {number} n @param {string} what */
export function counted(n, what) {
  return `${many(n)} ${what}${n === 1 ? "" : "s"}`;
}

/** As `ago`, and days beyond one. @param {number} then @param {number} now */
export function since(then, now) {
  const days = Math.floor((now - then) / DAY);
  return days < 1 ? ago(then, now) : days === 1 ? "a day ago" : `${many(days)} days ago`;
}

/** `3 min`, `2 h`. @param {number} ms */
export function span(ms) {
  const minutes = Math.ceil(Math.max(0, ms) / 60_000);
  if (minutes < 1) return "less than a minute";
  return minutes < 120 ? `${minutes} min` : minutes < 2_880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1_440)} days`;
}

/** @param {number} bytes */
export function size(bytes) {
  const units = ["B", "KB", "MB", "GB"];
  const at = Math.min(units.length - 1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(1_000)));
  const n = bytes / 1_000 ** at;
  return `${at === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[at]}`;
}

/** @param {string} title @param {unknown} below @param {unknown} [buttons] */
export function head(title, below, buttons = "") {
  return html`<div class="sethead"><div class="grow"><h1 class="h">${title}</h1><p class="dim">${below}</p></div><div class="row wrap">${buttons}</div></div>`;
}

/** A sentence of ccmon's own, in which `…` is code. @param {string} text */
export function words(text) {
  return text.split("`").map((part, i) => (i % 2 ? html`<code>${line(part)}</code>` : line(part)));
}

/** @typedef {"info"|"warn"|"bad"|"ok"|"you"} Tone */
const ICONS = /** @type {const} */ ({ info: "info", warn: "alert", bad: "alert", ok: "check", you: "info" });

/** @param {Tone} tone @param {unknown} inside */
export function note(tone, inside) {
  return html`<div class="note ${tone}" role=${tone === "bad" ? "alert" : "note"}>${icon(ICONS[tone])}<span class="grow">${inside}</span></div>`;
}

export function loading() {
  return html`<p class="dim" role="status">Loading…</p>`;
}

/** @param {string} why @param {() => void} again */
export function failed(why, again) {
  return html`<div class="note bad" role="alert">${icon("alert")}<span class="grow">${words(why)}</span><button class="btn small" type="button" @click=${again}>Try again</button></div>`;
}

/**
 * One of a few.
 * @template {string} T
 * @param {string} label @param {T} value @param {[T, string][]} options @param {(value: T) => void} choose
 */
export function seg(label, value, options, choose) {
  return html`<div class="seg" role="group" aria-label=${label}>${options.map(
    ([v, text]) => html`<button type="button" aria-pressed=${v === value ? "true" : "false"} @click=${() => choose(v)}>${text}</button>`,
  )}</div>`;
}

/** What failed, in words. @param {unknown} error */
export function said(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * One way to ask for something that may be asked for again before it has come: an answer that comes behind that to a later question is
 * not taken, for it says how things were.
 * @template T
 * @param {(app: App) => Promise<T>} get @param {(told: T) => void} take @param {(why: string) => void} fail
 */
export function newest(get, take, fail) {
  let [asked, heard] = [0, 0];
  return async (/** @type {App} */ app) => {
    const turn = (asked += 1);
    const told = await get(app).then((told) => () => take(told), (error) => () => fail(said(error)));
    if (turn < heard) return;
    heard = turn;
    told();
    app.draw();
  };
}

/** Says it to who cannot see it; the other region is the frame's, which says what waits. @param {string} text */
export function speak(text) {
  const region = document.getElementById("told");
  if (region) region.textContent = text;
}

/** Draws, then does something with what was drawn. @param {App} app @param {() => void} then */
export function drawn(app, then) {
  app.draw();
  requestAnimationFrame(then);
}

/** @param {Event} e */
export function typed(e) {
  return /** @type {HTMLInputElement} */ (e.target).value;
}

/** @param {Event} e */
export function ticked(e) {
  return /** @type {HTMLInputElement} */ (e.target).checked;
}
