/** The act row: it never moves. Approve left, Deny middle, Deny & stop right. */

import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "./icons.js";
import { line } from "./text.js";
import { left } from "./time.js";
import { progress, yes } from "./yes.js";

/**
 * @typedef {import("../wire").Approval} Approval
 * @typedef {import("./cards.js").Card} Card
 * @typedef {import("./yes.js").View} View
 */

/** @param {View} v @param {Card} card @param {number} now */
export function act(v, card, now) {
  const { s, a } = v;
  const time = left(a, now);
  return html`<footer class="act" aria-busy=${s.sending ? "true" : "false"}>
    <progress class=${time.soon ? "soon" : ""} max=${time.max} .value=${time.value} aria-label="Time left"></progress>
    <div class="in">
      ${s.note ? failure(s.note, a) : ""}
      ${s.field ? field(v, card) : main(v, card)}
      <div class="sub">${s.field ? backed(v, card) : aside(v, card)}${timeLeft(v, time)}</div>
    </div>
  </footer>`;
}

/** @param {View} v @param {Card} card */
function main(v, card) {
  const { s, a } = v;
  const off = s.armed ? "false" : "true";
  if (a.kind === "elicitation") return html`<div class="main halves">${card.act === "decide" ? yes(v) : a.headless ? "" : toTerminal(off)}${decline(off)}</div>`;
  if (card.act === "terminal") return html`<div class="main halves">${a.headless ? html`<span></span>` : toTerminal(off)}${no(off, card)}</div>`;
  if (a.kind === "question") return html`<div class="main halves">${yes(v)}${no(off, card)}</div>`;
  if (a.kind !== "plan" && v.form.panel === "edit") return html`<div class="main edits">${yes(v)}${back("")}</div>`;
  if (a.kind !== "plan") return html`<div class="main decide">${yes(v)}${no(off, card)}${denyAndStop(off, v.form.panel ? "icon" : "")}</div>`;
  const edits = v.form.panel === "edit";
  return html`<div class="main halves">${yes(v)}</div>
    ${edits ? "" : html`<div class="main halves">
      <button class="btn" type="button" data-act="field" aria-expanded="false">Send back…<kbd>D</kbd></button>
      ${a.headless ? denyAndStop(off, "") : html`<button class="btn" type="button" data-act="release" aria-disabled=${off}>${icon("terminal", "i-s")}Decide in terminal<kbd>T</kbd></button>`}
    </div>`}`;
}

/** No, or no with a message. @param {string} off @param {Card} card */
function no(off, card) {
  return html`<div class="split">
    <button class="btn" type="button" data-act="deny" aria-disabled=${off}>${card.denies ?? "Deny"}<kbd>D</kbd></button>
    <button class="btn" type="button" data-act="field" aria-label="Deny with a message" title="Deny with a message" aria-expanded="false">${icon("down", "i-s")}</button>
  </div>`;
}

/** An MCP server is told no reason. @param {string} off */
export function decline(off) {
  return html`<button class="btn" type="button" data-act="deny" aria-disabled=${off}>Decline</button>`;
}

/** Neither yes nor no. @param {string} off @param {"flat"|""} look */
export function cancel(off, look) {
  return html`<button class="btn ${look}" type="button" data-act="cancel" aria-disabled=${off} title="Dismiss it, without a yes or a no">Cancel</button>`;
}

/** Beside a longer word for yes there is room for its sign alone. @param {string} off @param {"flat"|"icon"|""} look */
function denyAndStop(off, look) {
  const words = look === "icon" ? html`<span class="vh">Deny &amp; stop</span>` : "Deny & stop";
  return html`<button class="btn ${look}" type="button" data-act="deny_stop" aria-disabled=${off} title="Deny, and stop what Claude is doing">${icon("stop", "i-s")}${words}</button>`;
}

/** @param {string} off */
function toTerminal(off) {
  return html`<button class="btn primary" type="button" data-act="release" aria-disabled=${off}>${icon("terminal")}Answer in terminal<kbd>T</kbd></button>`;
}

/** @param {View} v @param {Card} card */
function field({ s, a }, card) {
  const off = s.armed ? "false" : "true";
  return html`<div class="deny">
      <label for="message">${card.field ?? html`Tell Claude why, or what to do instead <span class="dimmer">(optional)</span>`}</label>
      <textarea class="field" id="message" rows="2" autocomplete="off" spellcheck="false" .value=${s.drafts[a.id] ?? ""}></textarea>
    </div>
    <div class="two">
      <button class="btn ${card.sends ? "primary" : "strong"}" type="button" data-act="deny" aria-disabled=${off}>${card.sends ?? card.denies ?? "Deny"}<kbd>Enter</kbd></button>
      ${card.sends ? back("") : denyAndStop(off, "")}
    </div>`;
}

/** Beside an open message. @param {View} v @param {Card} card */
function backed({ s }, card) {
  return card.sends ? denyAndStop(s.armed ? "false" : "true", "flat") : back("flat");
}

/** @param {"flat"|""} look */
function back(look) {
  return html`<button class="btn ${look}" type="button" data-act="back">Back<kbd>Esc</kbd></button>`;
}

/** @param {View} v @param {Card} card */
function aside({ s, a, form }, card) {
  const off = s.armed ? "false" : "true";
  if (form.panel === "edit") return a.kind === "plan" ? back("flat") : "";
  // There is one to the terminal above them.
  const led = card.act === "terminal" || a.kind === "plan";
  const first = a.kind === "elicitation" ? cancel(off, "flat") : card.act === "terminal" ? denyAndStop(off, "flat") : a.kind === "plan" ? edit(a) : "";
  if (a.hides_terminal) return html`${first}${led ? "" : toAsk(off)}`;
  return html`${first}${a.headless || led ? "" : release(off)}${later(off)}`;
}

/** Put off where the terminal shows nothing meanwhile. @param {string} off */
function toAsk(off) {
  return html`<button class="btn flat" type="button" data-act="later" aria-disabled=${off} title="Claude asks in its terminal, which shows nothing until then">${icon("terminal", "i-s")}Ask in the terminal<kbd>Esc</kbd></button>`;
}

/** @param {string} off */
function later(off) {
  return html`<button class="btn flat" type="button" data-act="later" aria-disabled=${off}>Later<kbd>Esc</kbd></button>`;
}

/** @param {Approval} a */
function edit(a) {
  return typeof a.input.plan === "string" ? html`<button class="btn flat" type="button" data-act="edit">${icon("pencil", "i-s")}Edit first…<kbd>E</kbd></button>` : "";
}

/** @param {string} off */
function release(off) {
  return html`<button class="btn flat" type="button" data-act="release" aria-disabled=${off}>${icon("terminal", "i-s")}Decide in terminal<kbd>T</kbd></button>`;
}

/** @param {View} v @param {{words: string, soon: boolean}} time */
function timeLeft(v, time) {
  const { s, a } = v;
  if (s.sending) return html`<span class="left sending">Sending…</span>`;
  const then = a.headless ? "Then it is denied" : a.hides_terminal ? "The terminal asks only after that" : "Then only the terminal asks";
  const done = time.soon ? "" : s.field && a.kind === "plan" ? "Claude stays in plan mode" : progress(v);
  return html`<span class="left ${time.soon ? "soon" : ""}" title=${then}>${time.soon || done ? "" : icon("clock")}<span class="clip">${done ? `${done} · ` : ""}${time.words}</span></span>`;
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
