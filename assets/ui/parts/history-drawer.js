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
import { line, lines } from "./text.js";
import { counted, dayOf, exactly, hour, short, span, when } from "./when.js";

/**
 * @typedef {import("../app.js").App} App
 * @typedef {import("../wire").Session} Session
 * @typedef {import("../wire").Approval} Approval
 * @typedef {import("../session-card.js").SessionCard} Card
 */

/** @param {App} app @param {Card} card @param {Record<"close"|"copy"|"md"|"json"|"remove"|"summarize", () => void>} act */
export function drawer(app, card, act) {
  const s = card.session ? (app.board.sessions.get(card.key) ?? card.session) : null;
  return html`<aside class="pane soft drawer" id="drawer" aria-labelledby="drawer-title" aria-busy=${card.state === "loading" ? "true" : "false"}><div class="pad">
    ${head(s ? line(s.project) : card.state === "failed" ? "Not here" : "Session", act.close)}
    ${card.state === "failed" ? failed(card) : s ? [facts(app, s, card), summary(card, act), figures(s, card), decisions(app, card), actions(app, s, card, act)] : loading()}
  </div></aside>`;
}

/** @param {Card} card */
function failed(card) {
  return html`<div role="alert"><p>${card.error}</p></div><button class="btn fit" type="button" @click=${() => void card.load()}>Try again</button>`;
}

/** @param {App} app @param {Session} s @param {Card} card */
function facts(app, s, card) {
  const lasted = span(Math.max(0, s.last_activity - s.started));
  return html`<div class="facts-lines">
    <div class="row wrap">${pill(s.state)}${s.branch ? html`<span class="branch">${icon("branch")}${line(s.branch)}</span>` : ""}${s.tag ? html`<span class="chip">${icon("tag")}${line(s.tag)}</span>` : ""}</div>
    <p class="dim" title=${exactly(s.started)}>${when(s.started, app.now())}, ${lasted}${s.state === "ended" ? "" : " so far"}</p>
    <p class="dim">${line(s.evidence.text)}</p>
    <p><a href=${format({ tab: "sessions", path: [card.key], query: {} })}>${icon("list", "i-s")} Open its timeline</a></p>
  </div>`;
}

/** @param {Card} card @param {{summarize: () => void}} act */
function summary(card, act) {
  return html`<section aria-labelledby="sum-h"><h2 class="h2" id="sum-h">Summary</h2>
    ${card.summary ? html`<p class="dim">${lines(card.summary.text)}</p><p class="dimmer small">${exactly(card.summary.at)}${card.summary.model ? html` · ${line(card.summary.model)}` : ""}</p>` : ""}
    ${card.summaryState === "off" && !card.summary ? html`<p class="dim">Summaries are off. <a href="#/settings/summaries">Turn them on</a></p>` : ""}
    ${card.summaryState === "running" ? html`<p class="dim" role="status">Claude is writing one…</p>` : ""}
    ${card.summaryError ? html`<p class="note warn" role="alert">${icon("alert")}<span>${line(card.summaryError)}</span></p>` : ""}
    ${card.summaryState === "off" ? "" : html`<button class="btn small" type="button" id="summarize" aria-disabled=${card.summaryState === "running" ? "true" : "false"} @click=${act.summarize}>${card.summary ? "Summarize again" : "Summarize"}</button>`}
  </section>`;
}

/** @param {Session} s @param {Card} card */
function figures(s, card) {
  const t = card.stats;
  /** @type {[string, unknown][]} */
  const all = [
    ["Prompts", t?.prompts ?? "–"],
    ["Tools", (t?.tools ?? s.tools).toLocaleString("en")],
    ["Failed", t?.failed ?? "–"],
    ["Approvals", s.approvals.toLocaleString("en")],
    ["Tokens", s.tokens === null ? "–" : short(s.tokens)],
  ];
  return html`<section aria-label="Figures"><dl class="facts">${all.map(([k, v]) => html`<div><dt>${k}</dt><dd>${v}</dd></div>`)}</dl>
    ${t?.by_tool.length ? html`<p class="dim small">${t.by_tool.slice(0, 6).map((b, i) => html`${i ? " · " : ""}${line(b.tool)} ${b.count.toLocaleString("en")}`)}</p>` : ""}
    <dl class="about-lines">
      <div><dt>Folder</dt><dd class="mono">${line(s.cwd)}</dd></div>
      ${s.model ? html`<div><dt>Model</dt><dd>${line(s.model)}</dd></div>` : ""}
      ${s.place && s.state !== "ended" ? html`<div><dt>Place</dt><dd>${line(s.place)}</dd></div>` : ""}
      <div><dt>Session</dt><dd class="mono">${line(s.session_id)}</dd></div>
    </dl></section>`;
}

/** @param {App} app @param {Card} card */
function decisions(app, card) {
  const more = card.moreAsked ? html`<a href=${format({ tab: "history", path: ["audit"], query: { session: card.key } })}>All decisions of this session</a>` : "";
  return html`<section aria-labelledby="dec-h"><h2 class="h2" id="dec-h">Decisions</h2>
    ${card.asked.length === 0 ? html`<p class="dim">Nothing was asked.</p>` : html`<ol class="asked-list">${card.asked.map((a) => html`<li>
      <time title=${exactly(a.opened)}>${at(a.opened, app.now())}</time><a href=${auditLink(a.id)} title=${plain(a.tool)}>${outcome(a)}<span class="dim clip">${line(bare(a.tool))}</span></a>
      <span class="dimmer">${a.settled === undefined ? "" : span(a.settled - a.opened)}</span></li>`)}</ol>${more}`}
  </section>`;
}

/** A time of today, else its day. @param {number} then @param {number} now */
function at(then, now) {
  const day = dayOf(then, now);
  return day === "today" ? hour(then) : day;
}

/** @param {App} app @param {Session} s @param {Card} card @param {Record<"copy"|"md"|"json"|"remove", () => void>} act */
function actions(app, s, card, act) {
  const lives = app.board.sessions.has(card.key) ? s.state !== "ended" : card.live;
  const busy = card.busy ? "true" : "false";
  return html`<div class="row wrap" role="group" aria-label="Export">
      <button class="btn" type="button" aria-disabled=${busy} @click=${act.copy}>${icon("copy", "i-s")}Copy as Markdown</button>
      <button class="btn" type="button" aria-disabled=${busy} @click=${act.md}>${icon("save", "i-s")}Save Markdown</button>
      <button class="btn" type="button" aria-disabled=${busy} @click=${act.json}>${icon("save", "i-s")}JSON</button>
      <button class="btn flat" type="button" id="remove" aria-disabled=${lives ? "true" : "false"} title=${lives ? "Only ended sessions can be deleted" : ""} @click=${act.remove}>${icon("bin", "i-s")}Delete…</button>
    </div>
    ${card.busy ? html`<p class="dim" role="status">Reading ${counted(card.stats?.events ?? 0, "event")}…</p>` : ""}`;
}
