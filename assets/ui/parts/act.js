/** The act row: it never moves. Approve left, Deny middle, Deny & stop right. */

import { html } from "../vendor/lit-html/lit-html.js";
import { mayAllow } from "../queue.js";
import { icon } from "./icons.js";
import { level } from "./risk.js";
import { line } from "./text.js";
import { left } from "./time.js";

/**
 * @typedef {import("../queue.js").State} State
 * @typedef {import("../wire").Approval} Approval
 * @typedef {import("./cards.js").Card} Card
 */

/** @param {State} s @param {Approval} a @param {Card} card @param {number} now */
export function act(s, a, card, now) {
  const time = left(a, now);
  return html`<footer class="act" aria-busy=${s.sending ? "true" : "false"}>
    <progress class=${time.soon ? "soon" : ""} max=${time.max} .value=${time.value} aria-label="Time left"></progress>
    <div class="in">
      ${s.note ? failure(s.note, a) : ""}
      ${s.field ? field(s, a, card) : main(s, a, card)}
      <div class="sub">${s.field ? back() : aside(s, a, card)}${timeLeft(time, a, s.sending !== null)}</div>
    </div>
  </footer>`;
}

/** @param {State} s @param {Approval} a @param {Card} card */
function main(s, a, card) {
  const off = s.armed ? "false" : "true";
  return html`<div class="main ${card.act}">
    ${card.act === "decide" ? approve(s, a) : a.headless ? html`<span></span>` : toTerminal(off)}
    <div class="split">
      <button class="btn" type="button" data-act="deny" aria-disabled=${off}>${card.denies ?? "Deny"}<kbd>D</kbd></button>
      <button class="btn" type="button" data-act="field" aria-label="Deny with a message" title="Deny with a message" aria-expanded="false" aria-disabled=${off}>${icon("down", "i-s")}</button>
    </div>
    ${card.act === "decide" ? denyAndStop(off, "") : ""}
  </div>`;
}

/** @param {string} off @param {"flat"|""} look */
function denyAndStop(off, look) {
  return html`<button class="btn ${look}" type="button" data-act="deny_stop" aria-disabled=${off} title="Deny, and stop what Claude is doing">${icon("stop", "i-s")}Deny &amp; stop</button>`;
}

/** High risk is approved with the same click, from a button that looks like what it does. @param {State} s @param {Approval} a */
function approve(s, a) {
  const risky = level(a) === "high";
  return html`<button class="btn ${risky ? "risky" : "primary"} ${s.armed && !s.read ? "unread" : ""}" type="button" data-act="allow" aria-disabled=${mayAllow(s) ? "false" : "true"}>${icon(risky ? "alert" : "check")}Approve<kbd>A</kbd></button>`;
}

/** @param {string} off */
function toTerminal(off) {
  return html`<button class="btn primary" type="button" data-act="release" aria-disabled=${off}>${icon("terminal")}Answer in terminal<kbd>T</kbd></button>`;
}

/** @param {State} s @param {Approval} a @param {Card} card */
function field(s, a, card) {
  return html`<div class="deny">
      <label for="message">${card.field ?? html`Tell Claude why, or what to do instead <span class="dimmer">(optional)</span>`}</label>
      <textarea class="field" id="message" rows="2" autocomplete="off" spellcheck="false" .value=${s.drafts[a.id] ?? ""}></textarea>
    </div>
    <div class="two">
      <button class="btn strong" type="button" data-act="deny" aria-disabled=${s.armed ? "false" : "true"}>${card.denies ?? "Deny"}<kbd>Enter</kbd></button>
      ${denyAndStop(s.armed ? "false" : "true", "")}
    </div>`;
}

function back() {
  return html`<button class="btn flat" type="button" data-act="back">Back<kbd>Esc</kbd></button>`;
}

/** @param {State} s @param {Approval} a @param {Card} card */
function aside(s, a, card) {
  const off = s.armed ? "false" : "true";
  return html`${card.act === "terminal" ? denyAndStop(off, "flat") : a.headless ? "" : release(off)}
    <button class="btn flat" type="button" data-act="later" aria-disabled=${off}>Later<kbd>Esc</kbd></button>`;
}

/** @param {string} off */
function release(off) {
  return html`<button class="btn flat" type="button" data-act="release" aria-disabled=${off}>${icon("terminal", "i-s")}Decide in terminal<kbd>T</kbd></button>`;
}

/** @param {{words: string, soon: boolean}} time @param {Approval} a @param {boolean} sending */
function timeLeft(time, a, sending) {
  if (sending) return html`<span class="left sending">Sending…</span>`;
  const then = a.headless ? "Then it is denied" : a.hides_terminal ? "The terminal asks only after that" : "Then only the terminal asks";
  return html`<span class="left ${time.soon ? "soon" : ""}" title=${then}>${time.soon ? "" : icon("clock")}<span class="clip">${time.words}</span></span>`;
}

/** What became of a decision that did not arrive. @param {{kind: string, detail: string}} note @param {Approval} a */
export function failure(note, a) {
  const there = a.headless
    ? "Try again."
    : a.hides_terminal
      ? "The terminal asks as soon as the hook gives up."
      : "The request is open in its terminal too, answer it there.";
  if (note.kind === "changed") return said(html`<strong>This request has changed.</strong> Nothing was sent. Read it again.`);
  if (note.kind === "unknown") return said(html`Your decision was <strong>not sent</strong>. ccmon no longer knows this request. ${there}`);
  if (note.kind === "refused") return said(html`Your decision was <strong>refused</strong>. ${line(note.detail.slice(0, 300))}`);
  return said(html`Your decision was <strong>not sent</strong>. ${there}`);
}

/** @param {unknown} words */
function said(words) {
  return html`<p class="note warn" role="alert">${icon("alert")}<span>${words}</span></p>`;
}
