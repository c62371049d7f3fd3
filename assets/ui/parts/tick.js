/**
 * Times that go on by themselves. They are drawn once and empty; `update` writes into them whatever the
 * time then is, once a second while somebody can see them, and only the text that is another.
 */

import { html } from "../vendor/lit-html/lit-html.js";
import { ago, left } from "./time.js";
import { dayOf, hour, when } from "./when.js";

/** @typedef {"age"|"ago"|"run"|"left"|"bar"} Form */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `31 s · 3 min · 2 h · 4 d`. @param {number} ms */
export function age(ms) {
  if (ms < MINUTE) return `${Math.floor(Math.max(0, ms) / 1000)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  return ms < 2 * DAY ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / DAY)} d`;
}

/** How long something took: `40 ms · 0.8 s · 6 s · 1:58 · 1:02:03`. @param {number} ms */
export function took(ms) {
  if (ms < 95) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 2_950) return `${(ms / 1000).toFixed(1)} s`;
  return ms < MINUTE ? `${Math.floor(ms / 1000)} s` : run(ms);
}

/** How long something runs already: `0:08 · 1:12 · 1:02:03`. @param {number} ms */
export function run(ms) {
  const s = Math.floor(Math.max(0, ms) / 1000);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** A time that goes on. @param {"age"|"ago"|"run"} form @param {number} at @param {string} [after] */
export function ticks(form, at, after = "") {
  return html`<span data-tick=${form} data-at=${at} data-after=${after}></span>`;
}

/** What is left of a request, as a line and in words. @param {{opened: number, expires: number, headless: boolean}} a */
export function countdown(a) {
  const whole = Math.max(1, a.expires - a.opened);
  return html`<div class="row time-left"><progress class="grow" data-tick="bar" data-at=${a.expires} data-from=${a.opened} max=${whole} aria-label="Time left"></progress>
    <span class="nowrap" data-tick="left" data-at=${a.expires} data-from=${a.opened} data-headless=${a.headless}></span></div>`;
}

/** Writes every time under `root`; says whether there is one. @param {ParentNode} root @param {number} now */
export function update(root, now) {
  const all = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-tick]"));
  for (const element of all) write(element, now);
  return all.length > 0;
}

/** @param {HTMLElement} element @param {number} now */
function write(element, now) {
  const { tick, at, from, headless, after } = element.dataset;
  if (tick === "bar" || tick === "left") {
    const time = left({ opened: Number(from), expires: Number(at), headless: headless === "true" }, now);
    element.classList.toggle("soon", time.soon);
    if (element instanceof HTMLProgressElement) element.value = time.value;
    else put(element, time.words);
  } else put(element, words(/** @type {Form} */ (tick), Number(at), now) + (after ?? ""));
}

/** @param {Form} form @param {number} at @param {number} now */
function words(form, at, now) {
  if (form === "ago") return ago(at, now);
  return form === "run" ? run(now - at) : age(now - at);
}

/** @param {HTMLElement} element @param {string} text */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** `14:10:11`. @param {number} at */
export function exact(at) {
  return new Date(at).toTimeString().slice(0, 8);
}

/** `14:10`, with its day when that is another. @param {number} at @param {number} now */
export function timeOfDay(at, now) {
  return dayOf(at, now) === "today" ? hour(at) : when(at, now);
}
