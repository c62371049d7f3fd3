/** Every request there was: filters, what they come to, and a row for each. */

import { html } from "../vendor/lit-html/lit-html.js";
import { guard } from "../vendor/lit-html/directives/guard.js";
import { DECIDERS, OUTCOMES, auditLink, by, inShort, mayRule, pending, ruleLink } from "./audit-words.js";
import { plain } from "./escapes.js";
import { DAYS, findBox, folded, pick, seg } from "./filters.js";
import { empty } from "./empty.js";
import { icon } from "./icons.js";
import { act, bare } from "./preview.js";
import { outcome } from "./requests.js";
import { ROWS, bodies, cleared, ending, near, newsButton, openRow } from "./rows.js";
import { size } from "./session-acts.js";
import { line } from "./text.js";
import { exact } from "./tick.js";
import { counted, dayOf, exactly, span } from "./when.js";

/**
 * @typedef {import("../app.js").App} App
 * @typedef {import("./requests.js").Approval} Approval
 * @typedef {import("../feed.js").Feed<Approval>} Approvals
 * @typedef {{total: number, outcomes: Record<string, number>, by: Record<string, number>, tools: {tool: string, count: number}[], median_ms: number|null}} Counts
 * @typedef {import("../download.js").Download} Download
 */

/** All that narrows the audit down. */
export const FILTERS = ["q", "decision", "by", "tool", "project", "session", "days"];

/**
 * @param {App} app @param {import("./filters.js").Finder} finder
 * @param {{projects: import("./filters.js").Choices, tools: string[]}} known @param {() => void} down
 */
export function filters(app, finder, known, down) {
  const { query } = app.route;
  const set = (/** @type {string} */ name) => (/** @type {string} */ value) => app.filter({ [name]: value });
  const tools = known.tools.map((t) => /** @type {[string, string]} */ ([t, plain(t)]));
  return html`${findBox(finder, "Search inputs", down)}
    ${folded(app, FILTERS, html`${pick("Decision", OUTCOMES, query.decision ?? "", set("decision"))}
      ${pick("Decided by", DECIDERS, query.by ?? "", set("by"))}
      ${pick("Tool", [["", "Any tool"], ...tools], query.tool ?? "", set("tool"))}
      ${pick("Project", [["", "All projects"], ...known.projects], query.project ?? "", set("project"))}
      ${seg("Time", DAYS, query.days ?? "", set("days"))}`)}
    ${query.session ? html`<button class="btn small" type="button" aria-label="Of one session; show all" @click=${() => app.filter({ session: "" })}>One session${icon("close", "i-s")}</button>` : ""}`;
}

/**
 * What the filters come to, the news, and the ways out.
 * @param {Counts|null} counts @param {number} news @param {Download|null} download
 * @param {{renew: () => void, csv: () => void, json: () => void, cancel: () => void}} act
 */
export function tallies(counts, news, download, act) {
  return html`<div class="tallies"><div class="sums" role="group" aria-label="What the filters come to">${counts ? figures(counts) : ""}</div>
    ${newsButton(news, act.renew)}
    ${download ? progress(download, act.cancel) : html`<button class="btn small" type="button" id="csv" aria-label="Save as CSV" @click=${act.csv}>${icon("save", "i-s")}CSV</button>
      <button class="btn small" type="button" aria-label="Save as JSON" @click=${act.json}>${icon("save", "i-s")}JSON</button>`}</div>`;
}

/** @param {Counts} c */
function figures(c) {
  const of = (/** @type {string[]} */ ...names) => names.reduce((sum, n) => sum + (c.outcomes[n] ?? 0), 0);
  const all = [
    ["approved", of("allowed")],
    ["denied", of("denied")],
    ["in the terminal", of("answered_in_terminal", "released")],
    ["timed out", of("timed_out")],
    ["session ended", of("session_ended")],
    ["open", of("pending")],
  ];
  return html`<span><b>${c.total.toLocaleString("en")}</b> ${c.total === 1 ? "request" : "requests"}</span>
    ${all.map(([word, n]) => (n ? html`<span><b>${n.toLocaleString("en")}</b> ${word}</span>` : ""))}
    ${c.by.rule ? html`<span>by rules <b>${c.by.rule.toLocaleString("en")}</b></span>` : ""}
    ${c.median_ms === null ? "" : html`<span>median time to decide <b>${span(c.median_ms)}</b></span>`}`;
}

/** @param {Download} d @param {() => void} cancel */
function progress(d, cancel) {
  const rows = d.total ? `${d.rows.toLocaleString("en")} of ${counted(d.total, "row")}` : counted(d.rows, "row");
  return html`<span class="row"><progress class="reading" max=${d.total || 1} .value=${Math.min(d.rows, d.total)} aria-label="Reading"></progress>
    <span class="nowrap">${rows}, ${size(d.bytes)}</span></span>
    <button class="btn small" type="button" id="cancel" @click=${cancel}>Cancel</button>`;
}

/** @param {App} app @param {Approvals} feed @param {string} chosen @param {string} at @param {(id: string) => void} reached */
export function list(app, feed, chosen, at, reached) {
  const first = feed.rows.some((a) => a.id === at) ? at : (feed.rows[0]?.id ?? "");
  const filters = JSON.stringify(app.route.query);
  const today = new Date(app.now()).toDateString();
  const focused = (/** @type {FocusEvent} */ e) => reached(/** @type {HTMLElement} */ (e.target).closest("tr")?.dataset.key ?? "");
  return html`<section class="pane list" id=${ROWS} @scroll=${() => near(feed)} aria-label="Requests">
    <table class="rows audit" role="table" aria-busy=${feed.state === "loading" ? "true" : "false"} aria-rowcount="-1" ?hidden=${feed.rows.length === 0} @focusin=${focused} @click=${openRow}>
      <caption class="vh">Requests, newest first</caption>
      <thead role="rowgroup"><tr role="row">${["When", "Decision", "By", "Tool", "Input", "Project"].map((h) => html`<th role="columnheader" scope="col">${h}</th>`)}
        <th role="columnheader" scope="col" class="num">Pending</th><th role="columnheader" scope="col"><span class="vh">Rule</span></th></tr></thead>
      ${bodies(feed.rows, (a) => a.id, (a) => guard([a, a.id === chosen, a.id === first, today, filters], () => row(app, a, a.id === chosen, a.id === first)))}
    </table>
    ${ending(feed, { none: none(app), foot: `${counted(feed.rows.length, "request")}.` })}
  </section>`;
}

/** @param {App} app */
function none(app) {
  if (!FILTERS.some((f) => app.route.query[f])) return empty("Nothing was asked yet", "Each time Claude asks for permission, it is kept here with the answer and with who gave it.");
  return empty("Nothing found", "No request fits these filters.", cleared(app, FILTERS));
}

/** @param {App} app @param {Approval} a @param {boolean} chosen @param {boolean} tabbed */
function row(app, a, chosen, tabbed) {
  const day = dayOf(a.opened, app.now());
  const clock = exact(a.opened);
  return html`<tr role="row" class=${chosen ? "chosen" : ""} data-key=${a.id}>
    <td role="cell" class="when" title=${exactly(a.opened)}><a class="rowlink" href=${auditLink(a.id, app.route.query)} tabindex=${tabbed ? 0 : -1} data-key=${a.id} aria-current=${chosen ? "true" : "false"}
      aria-label=${`${day} ${clock}, ${act(a)}, ${plain(a.project)}`}>${day === "today" ? clock : html`${day} <span class="dim">${clock.slice(0, 5)}</span>`}</a></td>
    <td role="cell" class="dcell">${outcome(a)}</td>
    <td role="cell" class="by clip">${by(a)}</td>
    <td role="cell" class="tool clip" title=${plain(a.tool)}>${line(bare(a.tool))}</td>
    <td role="cell" class="input clip">${inShort(a)}</td>
    <td role="cell" class="proj clip">${line(a.project)}</td>
    <td role="cell" class="num pend">${a.outcome ? pending(a, 0) : ""}</td>
    <td role="cell" class="make">${mayRule(a) ? html`<a class="btn flat small" tabindex=${chosen || tabbed ? 0 : -1} href=${ruleLink(a.id)}>Make a rule</a>` : ""}</td>
  </tr>`;
}
