/** What came with an answer: what was said, changed, remembered, and made. */

import { html } from "../vendor/lit-html/lit-html.js";
import { offer } from "../forms/remember.js";
import { format } from "../route.js";
import { plain } from "./escapes.js";
import { means, where } from "./remember.js";
import { code, line, lines } from "./text.js";

/**
 * @typedef {import("../wire").Approval} Approval
 * @typedef {{sign: string, text: string}} Row
 */

/** Lines that stay around a change. */
const AROUND = 2;
/** More lines are not drawn; an export has them all. */
const MOST = 400;

/** @param {Approval} a */
export function given(a) {
  const parts = [answered(a), ...edited(a), ...remembered(a), made(a), flags(a)];
  return parts.some(Boolean) ? html`<section class="given" aria-labelledby="given-h"><h2 class="h2" id="given-h">With the answer</h2>${parts}</section>` : "";
}

/** @param {Approval} a */
function answered(a) {
  const all = Object.entries(a.answers ?? {});
  return all.length ? html`<dl class="answered">${all.map(([question, said]) => html`<div><dt>${lines(question)}</dt><dd>${saidOf(said)}</dd></div>`)}</dl>` : "";
}

/** A text, or several of them. @param {unknown} said */
function saidOf(said) {
  const all = Array.isArray(said) ? said : [said];
  return html`Answered: ${all.map((one, i) => html`${i ? " · " : ""}${lines(written(one))}`)}`;
}

/** @param {unknown} value */
function written(value) {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2) ?? "";
}

/** @param {Approval} a */
function edited(a) {
  const all = Object.entries(a.edited ?? {});
  return all.map(([name, now]) => html`<p class="dim">Edited: <code>${line(name)}</code></p>${changes(name, was(a, name), now === null ? "" : written(now))}`);
}

/** @param {Approval} a @param {string} name */
function was(a, name) {
  const input = /** @type {Record<string, unknown>} */ (a.input);
  return Object.hasOwn(input, name) && input[name] !== null ? written(input[name]) : "";
}

/** @param {string} name @param {string} before @param {string} after */
function changes(name, before, after) {
  const rows = compared(before, after);
  const left = rows.length - MOST;
  return html`<div class="code diff" role="group" aria-label=${`What became of ${plain(name)}`}><pre dir="ltr"><code>${rows.slice(0, MOST).map(drawn)}</code></pre></div>
    ${left > 0 ? html`<p class="dim">${left.toLocaleString("en")} more lines. The export has them all.</p>` : ""}`;
}

/** @param {Row} row */
function drawn({ sign, text }) {
  if (sign === "⋯") return html`<span class="l h" data-n="⋯"></span>`;
  const spoken = sign === " " ? "" : html`<span class="vh">${sign === "+" ? "added" : "removed"} </span>`;
  return html`<span class=${sign === "+" ? "l a" : sign === "-" ? "l d" : "l"}>${spoken}<span class="sign" aria-hidden="true">${sign === "-" ? "−" : sign} </span>${code(text)}</span>`;
}

/** What differs between two texts: the lines in between those that both begin and end with. @param {string} before @param {string} after @returns {Row[]} */
export function compared(before, after) {
  const [old, now] = [before, after].map((text) => (text === "" ? [] : text.split("\n")));
  const least = Math.min(old.length, now.length);
  let [head, tail] = [0, 0];
  while (head < least && old[head] === now[head]) head += 1;
  while (tail < least - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  const rows = (/** @type {string} */ sign, /** @type {string[]} */ all) => all.map((text) => ({ sign, text }));
  const gap = (/** @type {boolean} */ some) => (some ? [{ sign: "⋯", text: "" }] : []);
  return [
    ...gap(head > AROUND),
    ...rows(" ", old.slice(Math.max(0, head - AROUND), head)),
    ...rows("-", old.slice(head, old.length - tail)),
    ...rows("+", now.slice(head, now.length - tail)),
    ...rows(" ", old.slice(old.length - tail, old.length - tail + AROUND)),
    ...gap(tail > AROUND),
  ];
}

/** @param {Approval} a */
function remembered(a) {
  const all = (a.remembered ?? []).map(offer);
  return all.map((o) => html`<div class="kept"><span class="dim">Remembered:</span> <span>${o.all.map(means)}</span> <small>${where(o)}</small></div>`);
}

/** @param {Approval} a */
function made(a) {
  if (!a.made) return "";
  const there = format({ tab: "settings", path: ["rules", String(a.made.id)], query: {} });
  return html`<p><span class="dim">Rule made:</span> <a href=${there}>${line(a.made.name)}</a></p>`;
}

/** @param {Approval} a */
function flags(a) {
  if (a.interrupted) return html`<p>Claude’s turn was stopped as well.</p>`;
  return a.cancelled ? html`<p>The server’s question was dismissed, with neither a yes nor a no.</p>` : "";
}
