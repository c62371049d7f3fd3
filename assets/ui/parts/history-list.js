/** The sessions there were: filters, and a row for each. */

import { html } from "../vendor/lit-html/lit-html.js";
import { guard } from "../vendor/lit-html/directives/guard.js";
import { format } from "../route.js";
import { empty } from "./empty.js";
import { plain } from "./escapes.js";
import { DAYS, findBox, folded, pick, seg } from "./filters.js";
import { icon } from "./icons.js";
import { look, pill } from "./pill.js";
import { ROWS, bodies, cleared, ending, near, openRow } from "./rows.js";
import { line } from "./text.js";
import { counted, exactly, when } from "./when.js";

/**
 * @typedef {import("../app.js").App} App
 * @typedef {import("../wire").Session} Session
 * @typedef {{at: number, in: "prompt"|"input"|"summary", tool: string|null, parts: [string, boolean][]}} Hit
 * @typedef {Session & {hits: Hit[]}} Found
 * @typedef {import("../feed.js").Feed<Found>} Sessions
 */

/** More of a prompt is not repeated in a row. */
const MOST = 240;

/** All that narrows the sessions down. */
export const FILTERS = ["q", "days", "project", "approvals"];

/** @type {import("./filters.js").Choices} */
const APPROVALS = [
  ["", "With or without approvals"],
  ["with", "With approvals"],
  ["without", "Without approvals"],
];

/**
 * @param {App} app @param {import("./filters.js").Finder} finder @param {import("./filters.js").Choices} projects
 * @param {() => void} down
 */
export function filters(app, finder, projects, down) {
  const { query } = app.route;
  const set = (/** @type {string} */ name) => (/** @type {string} */ value) => app.filter({ [name]: value });
  return html`${findBox(finder, "Search prompts, tool inputs and summaries", down)}
    ${folded(app, FILTERS, html`${seg("Time", DAYS, query.days ?? "", set("days"))}
      ${pick("Project", [["", "All projects"], ...projects], query.project ?? "", set("project"))}
      ${pick("Approvals", APPROVALS, query.approvals ?? "", set("approvals"))}`)}`;
}

/** @param {App} app @param {Sessions} feed @param {string} chosen @param {string} at the row that Tab leads to @param {(key: string) => void} reached */
export function list(app, feed, chosen, at, reached) {
  const searching = Boolean(feed.query.q);
  const first = feed.rows.some((s) => s.key === at) ? at : (feed.rows[0]?.key ?? "");
  const filters = JSON.stringify(app.route.query);
  const today = new Date(app.now()).toDateString();
  const focused = (/** @type {FocusEvent} */ e) => reached(/** @type {HTMLElement} */ (e.target).dataset.key ?? "");
  return html`<section class="pane list" id=${ROWS} @scroll=${() => near(feed)} aria-label="Sessions">
    <table class="rows sessions" role="table" aria-busy=${feed.state === "loading" ? "true" : "false"} aria-rowcount=${feed.total === null ? -1 : feed.total + 1} ?hidden=${feed.rows.length === 0} @focusin=${focused} @click=${openRow}>
      <caption class="vh">${searching ? "Sessions found, the best first" : "Sessions, those active last first"}</caption>
      <thead role="rowgroup"><tr role="row">
        ${["When", "Session", "State", "Project", "Folder", searching ? "Prompt, and where it was found" : "Prompt"].map((h) => html`<th role="columnheader" scope="col">${h}</th>`)}
        <th role="columnheader" scope="col" class="num">Tools</th><th role="columnheader" scope="col" class="num">Approvals</th>
      </tr></thead>
      ${bodies(feed.rows, (s) => s.key, (s) => guard([s, s.key === chosen, s.key === first, today, filters], () => row(app, s, s.key === chosen, s.key === first)))}
    </table>
    ${ending(feed, { none: none(app), foot: foot(feed) })}
  </section>`;
}

/** @param {Sessions} feed */
function foot(feed) {
  const all = counted(feed.total ?? feed.rows.length, "session");
  return feed.partial ? `${all}. More fit than could be ranked; another word finds the right ones.` : `${all}.`;
}

/** @param {App} app */
function none(app) {
  const { query } = app.route;
  if (!FILTERS.some((f) => query[f])) return empty("No sessions yet", html`Start <code>claude</code> in any terminal, and it is kept here from its first prompt on.`);
  const text = query.q ? "Words are looked for in prompts, tool inputs and summaries, from their beginning." : "No session fits these filters.";
  return empty("Nothing found", text, cleared(app, FILTERS));
}

/** @param {App} app @param {Found} s @param {boolean} chosen @param {boolean} tabbed */
function row(app, s, chosen, tabbed) {
  const time = when(s.last_activity, app.now());
  const href = format({ tab: "history", path: ["sessions", s.key], query: app.route.query });
  return html`<tr role="row" class=${chosen ? "chosen" : ""}>
    <td role="cell" class="when" title=${exactly(s.last_activity)}><a class="rowlink" href=${href} tabindex=${tabbed ? 0 : -1} data-key=${s.key} aria-current=${chosen ? "true" : "false"}
      aria-label=${`${plain(s.project)}, ${time}, ${look(s.state).word}`}>${time}</a></td>
    <td role="cell" class="id mono dim">${line(s.session_id.slice(0, 8))}</td>
    <td role="cell" class="state">${pill(s.state)}</td>
    <td role="cell" class="proj"><b class="clip" title=${plain(s.project)}>${line(s.project)}</b>${s.branch ? html`<span class="branch">${icon("branch")}<span class="clip">${line(s.branch)}</span></span>` : ""}${s.tag ? html`<span class="chip">${icon("tag")}${line(s.tag)}</span>` : ""}</td>
    <td role="cell" class="cwd clip dim" title=${plain(s.cwd)}>${line(s.cwd)}</td>
    <td role="cell" class="about"><span class="clip">${about(s)}</span></td>
    <td role="cell" class="num made">${s.tools.toLocaleString("en")}<span class="unit"> ${s.tools === 1 ? "tool" : "tools"}</span></td>
    <td role="cell" class="num reqs">${s.approvals.toLocaleString("en")}<span class="unit"> ${s.approvals === 1 ? "approval" : "approvals"}</span></td>
    ${s.hits?.length ? html`<td role="cell" class="hits">${s.hits.slice(0, 3).map(hit)}</td>` : ""}
  </tr>`;
}

/** Its name, or what it was asked first. @param {Session} s */
function about(s) {
  const text = s.title || s.prompt;
  return text ? line(text.slice(0, MOST).replace(/[\ud800-\udbff]$/, "").replace(/\s+/g, " ").trim()) : html`<span class="dimmer">no prompt yet</span>`;
}

/** @param {Hit} h */
function hit(h) {
  const where = h.in === "input" && h.tool ? line(h.tool) : h.in;
  return html`<span class="clip"><span class="dimmer">${where}: </span>${h.parts.map(([text, is]) => (is ? html`<mark class="hit">${line(text)}</mark>` : line(text)))}</span>`;
}
