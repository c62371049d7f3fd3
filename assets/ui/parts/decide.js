/** A request with its decision, as the dashboard shows it: what is asked, the time, and a deck of buttons that never moves. */

import { html, noChange } from "../vendor/lit-html/lit-html.js";
import { writes } from "../heard.js";
import { phase, visible } from "../queue.js";
import { cancel, decline, failure } from "./act.js";
import { cardOn } from "./cards.js";
import { ending, what } from "./endings.js";
import { server as serverOf } from "./elicitation.js";
import { icon } from "./icons.js";
import { asked, view } from "./page.js";
import { pointedAt, stress } from "./stress.js";
import { line } from "./text.js";
import { countdown } from "./tick.js";
import { progress, yes } from "./yes.js";

/**
 * @typedef {import("../decider.js").Decider} Decider
 * @typedef {import("../wire").Approval} Approval
 * @typedef {import("./cards.js").Card} Card
 * @typedef {import("./yes.js").View} View
 */

/**
 * @param {Decider} d
 * @param {{head?: (a: Approval) => unknown, more?: (a: Approval) => unknown}} [around] what stands above it, and beside its last buttons
 */
export function decide(d, { head = () => "", more = () => "" } = {}) {
  const a = d.state.face;
  if (!a || phase(d.state) === "empty") return "";
  const press = (/** @type {MouseEvent} */ e) => d.clicked(e);
  const point = (/** @type {PointerEvent} */ e) => stress(/** @type {HTMLElement} */ (e.currentTarget), pointedAt(e));
  const arming = d.state.armed ? "done" : d.state.armedAt === null ? "wait" : "runs";
  if (phase(d.state) === "closing") return html`<div class="decides" data-decides aria-labelledby="h">${head(a)}${closed(d, a)}</div>`;
  if (d.waits()) return noChange;
  const card = cardOn(d.state, a);
  const v = view(d.state, a, (m) => d.step(m));
  // A daemon that is lost has taken the note with it, not what became of the decision.
  const note = d.state.note ?? (d.state.daemon === "lost" && d.state.unsent ? { kind: "unsent", detail: "" } : null);
  const writing = (/** @type {KeyboardEvent} */ e) => void (writes(e.target) && d.key(e));
  return html`<div class="decides" data-decides data-arming=${arming} role="group" aria-labelledby="h" @click=${press} @keydown=${writing} @pointerover=${point}>
    ${head(a)}
    ${countdown(a)}${patience(a)}
    <section class="asking">${asked(v, card)}</section>
    <footer class="deck" aria-busy=${d.state.sending ? "true" : "false"}>
      ${note ? failure(note, a) : ""}
      ${d.state.field ? field(d, a, card) : buttons(v, card)}
      ${d.state.field ? "" : more(a)}
    </footer>
  </div>`;
}

/** What is unusual about the time it has. @param {Approval} a */
function patience(a) {
  const longer = a.kind === "elicitation" ? " While you enter something, it waits longer." : "";
  if (a.hides_terminal) return html`<p class="dimmer small-words">The terminal’s own dialog is hidden until then.${longer}</p>`;
  return a.headless ? html`<p class="dimmer small-words">It runs without a terminal: no decision means denied.</p>` : "";
}

/** @param {View} v @param {Card} card */
function buttons(v, card) {
  const { s, a } = v;
  const off = s.armed ? "false" : "true";
  const here = card.act === "decide";
  if (a.kind === "elicitation") return html`<div class="row wrap choices">
      ${here ? yes(v) : a.headless ? "" : release(off, "primary", "Answer in terminal")}${decline(off)}${cancel(off, "")}
      ${a.headless || !here ? "" : release(off, "flat", "Decide in terminal")}${s.sending ? state(v) : ""}
    </div>`;
  if (v.form.panel === "edit") return html`<div class="row wrap choices">${yes(v)}<button class="btn flat" type="button" data-act="back">Back<kbd>Esc</kbd></button>${state(v)}</div>`;
  return html`<div class="row wrap choices">
    ${here ? yes(v) : a.headless ? "" : release(off, "primary", "Answer in terminal")}
    <button class="btn" type="button" data-act="field">${card.denies ?? "Deny"}…<kbd>D</kbd></button>
    ${a.kind === "plan" && typeof a.input.plan === "string" && here ? html`<button class="btn" type="button" data-act="edit">${icon("pencil", "i-s")}Edit first…<kbd>E</kbd></button>` : ""}
    <button class="btn" type="button" data-act="deny_stop" aria-disabled=${off} title="Deny, and stop what Claude is doing">${icon("stop", "i-s")}Deny &amp; stop</button>
    ${a.headless || !here ? "" : release(off, "flat", "Decide in terminal")}
    ${state(v)}
  </div>`;
}

/** How far it is. @param {View} v */
function state(v) {
  const { s, a } = v;
  if (s.sending) return html`<span class="dim sending">Sending…</span>`;
  if (a.kind === "question") return html`<span class="dim">${progress(v)}</span>`;
  if (!s.armed || s.read) return "";
  return html`<button class="btn flat" type="button" data-act=${a.kind === "plan" ? "plan" : "allow"} tabindex="-1">${icon("down", "i-s")}Read on to approve</button>`;
}

/** @param {string} off @param {"primary"|"flat"} look @param {string} words */
function release(off, look, words) {
  return html`<button class="btn ${look}" type="button" data-act="release" aria-disabled=${off}>${icon("terminal", "i-s")}${words}<kbd>T</kbd></button>`;
}

/** @param {Decider} d @param {Approval} a @param {Card} card */
function field(d, a, card) {
  const off = d.state.armed ? "false" : "true";
  return html`<div class="deny">
      <label for="message">${card.field ?? html`Tell Claude why, or what to do instead <span class="dimmer">(optional)</span>`}</label>
      <textarea class="field" id="message" rows="2" autocomplete="off" spellcheck="false" .value=${d.state.drafts[a.id] ?? ""}
        @input=${(/** @type {any} */ e) => d.step({ type: "typed", text: e.target.value })}></textarea>
    </div>
    <div class="row wrap choices">
      <button class="btn strong" type="button" data-act="deny" aria-disabled=${off}>${card.sends ?? card.denies ?? "Deny"}<kbd>Enter</kbd></button>
      <button class="btn" type="button" data-act="deny_stop" aria-disabled=${off}>${icon("stop", "i-s")}Deny &amp; stop</button>
      <button class="btn flat" type="button" data-act="back">Back<kbd>Esc</kbd></button>
    </div>`;
}

/** Answered elsewhere: that stands for a moment in the same place. @param {Decider} d @param {Approval} a */
function closed(d, a) {
  const { title, good } = ending(d.state.closing?.how ?? null, a);
  const more = visible(d.state).filter((p) => p.id !== a.id).length;
  return html`<section class="closed">
    <span class="big ${good ? "ok" : ""}">${icon(good ? "check" : "clock")}</span>
    <div><h2 class="h" id="h">${title}</h2>
      <p class="dim">${what(a)}</p>
      <p class="dimmer">Nothing was sent from here.${more ? " The next request follows." : ""}</p></div>
  </section>`;
}

/** Who asks: chips of a request. @param {Approval} a */
export function chips(a) {
  const server = serverOf(a);
  return html`${a.tag ? html`<span class="chip">${icon("tag")}${line(a.tag)}</span>` : ""}
    ${a.agent ? html`<span class="chip agent">${icon("agent")}<span class="nowrap">sub-agent</span> ${line(a.agent.type)}</span>` : ""}
    ${server ? html`<span class="chip">${icon("globe")}<span class="nowrap">MCP server</span> ${line(server)}</span>` : ""}
    ${a.mode === "plan" ? html`<span class="chip">${icon("list")}plan mode</span>` : ""}
    ${a.headless ? html`<span class="chip">${icon("terminal")}claude -p</span>` : ""}`;
}
