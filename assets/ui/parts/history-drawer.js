/** One session beside the rows: what it was about, what it did, what was decided, and what can be done with it. */

import { html } from "../vendor/lit-html/lit-html.js";
import { format } from "../route.js";
import { auditLink } from "./audit-words.js";
import { loading } from "./empty.js";
import { plain } from "./escapes.js";
import { icon } from "./icons.js";
import { pill } from "./pill.js";
import { bare } from "./preview.js";
import { outcome } from "./requests.js";
import { head } from "./rows.js";
import { size } from "./session-acts.js";
import { summary, tokens } from "./session-facts.js";
import { line } from "./text.js";
import { dayOf, exactly, hour, span, when } from "./when.js";

/**
 * @typedef {import("../app.js").App} App
 * @typedef {import("../wire").Session} Session
 * @typedef {import("../session-card.js").SessionCard} Card
 * @typedef {Record<"close"|"copy"|"md"|"json"|"remove", () => void>} Acts
 */

/** @param {App} app @param {Card} card @param {Acts} act */
export function drawer(app, card, act) {
  const s = card.session;
  const title = s ? line(s.project) : card.error ? "Not here" : "Session";
  return html`<aside class="pane soft drawer" id="drawer" aria-labelledby="drawer-title" aria-busy=${s || card.error ? "false" : "true"}><div class="pad">
    ${head(title, act.close)}
    ${s ? [about(app, s), summary(card.told, () => void card.summarize()), figures(s, card), decisions(app, card), actions(card, act)] : card.error ? failed(card) : loading()}
  </div></aside>`;
}

/** @param {Card} card */
function failed(card) {
  return html`<p role="alert">${card.error}</p><button class="btn fit" type="button" @click=${() => void card.load()}>Try again</button>`;
}

/** @param {App} app @param {Session} s */
function about(app, s) {
  const lasted = span(Math.max(0, s.last_activity - s.started));
  return html`<div class="facts-lines">
    <div class="row wrap">${pill(s.state)}${s.branch ? html`<span class="branch">${icon("branch")}${line(s.branch)}</span>` : ""}${s.tag ? html`<span class="chip">${icon("tag")}${line(s.tag)}</span>` : ""}</div>
    <p class="dim" title=${exactly(s.started)}>${when(s.started, app.now())}, ${lasted}${s.state === "ended" ? "" : " so far"}</p>
    <p class="dim">${line(s.evidence.text)}</p>
    <p><a href=${format({ tab: "sessions", path: [s.key], query: {} })}>${icon("list", "i-s")} Open its timeline</a></p>
  </div>`;
}

/** @param {Session} s @param {Card} card */
function figures(s, card) {
  const stats = card.about?.stats;
  /** @type {[string, unknown][]} */
  const all = [
    ["Prompts", (stats?.prompts ?? 0).toLocaleString("en")],
    ["Tools", Math.max(s.tools, stats?.tools ?? 0).toLocaleString("en")],
    ["Failed", (stats?.failed ?? 0).toLocaleString("en")],
    ["Approvals", s.approvals.toLocaleString("en")],
    ["Tokens", s.tokens === null ? "unknown" : tokens(s.tokens)],
  ];
  return html`<section aria-label="Figures"><dl class="facts">${all.map(([k, v]) => html`<div><dt>${k}</dt><dd>${v}</dd></div>`)}</dl>
    ${stats?.by_tool.length ? html`<p class="dim small-words">${stats.by_tool.slice(0, 6).map((b, i) => html`${i ? " · " : ""}${line(bare(b.tool))} ${b.count.toLocaleString("en")}`)}</p>` : ""}
    <dl class="about-lines">
      <div><dt>Folder</dt><dd class="mono">${line(s.cwd)}</dd></div>
      ${s.model ? html`<div><dt>Model</dt><dd>${line(s.model)}</dd></div>` : ""}
      ${s.place && s.state !== "ended" ? html`<div><dt>Terminal</dt><dd>${line(s.place)}</dd></div>` : ""}
      <div><dt>Session</dt><dd class="mono">${line(s.session_id)}</dd></div>
    </dl></section>`;
}

/** @param {App} app @param {Card} card */
function decisions(app, card) {
  const all = html`<a href=${format({ tab: "history", path: ["audit"], query: { session: card.key } })}>All its decisions</a>`;
  return html`<section aria-labelledby="dec-h"><h2 class="h2" id="dec-h">Decisions</h2>
    ${card.asked.length === 0 ? html`<p class="dim">Nothing was asked.</p>` : html`<ol class="asked-list">${card.asked.map((a) => html`<li>
      <time title=${exactly(a.opened)}>${at(a.opened, app.now())}</time><a href=${auditLink(a.id)} title=${plain(a.tool)}>${outcome(a)}<span class="dim clip">${line(bare(a.tool))}</span></a>
      <span class="dimmer">${a.settled === undefined ? "" : span(a.settled - a.opened)}</span></li>`)}</ol>${card.moreAsked ? all : ""}`}
  </section>`;
}

/** A time of today, else its day. @param {number} then @param {number} now */
function at(then, now) {
  const day = dayOf(then, now);
  return day === "today" ? hour(then) : day;
}

/** @param {Card} card @param {Acts} act */
function actions(card, act) {
  const { running, bytes } = card.exports;
  if (running) {
    return html`<div class="row" role="status"><span class="dim grow">Reading, ${size(bytes)}</span><button class="btn" type="button" id="stop" @click=${() => card.exports.cancel()}>Cancel</button></div>`;
  }
  return html`<div class="row wrap" role="group" aria-label="What to do with it">
    <button class="btn" type="button" id="copy" @click=${act.copy}>${icon("copy", "i-s")}Copy as Markdown</button>
    <button class="btn" type="button" id="save" @click=${act.md}>${icon("save", "i-s")}Save</button>
    <button class="btn" type="button" id="json" @click=${act.json}>${icon("save", "i-s")}JSON</button>
    <button class="btn flat" type="button" id="remove" aria-disabled=${card.lives ? "true" : "false"} title=${card.lives ? "Only ended sessions can be deleted" : ""} @click=${act.remove}>${icon("bin", "i-s")}Delete…</button></div>`;
}
