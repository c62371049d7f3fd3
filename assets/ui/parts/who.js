/** Who asks: project, branch, tag, place, sub-agent or server, age, pager. */

import { html } from "../vendor/lit-html/lit-html.js";
import { server as serverOf } from "./elicitation.js";
import { icon } from "./icons.js";
import { plain } from "./escapes.js";
import { line } from "./text.js";
import { ago } from "./time.js";

/** @typedef {import("../wire").Approval} Approval */

/**
 * @param {Approval} a
 * @param {{now: number, pager?: unknown, meta: boolean, jumps?: boolean}} page
 */
export function who(a, { now, pager = "", meta, jumps = true }) {
  return html`<header class="who">
    <div class="row top">
      <strong class="project clip" title=${plain(a.project)}>${line(a.project)}</strong>
      <span class="branch row grow">${a.branch ? html`${icon("branch")}<span class="clip" title=${plain(a.branch)}>${line(a.branch)}</span>` : ""}</span>
      ${pager}
    </div>
    ${meta ? about(a, now, jumps) : ""}
  </header>`;
}

/** All of it, with what came before, in the window. */
export function wide() {
  return html`<button class="btn flat icon small wide" type="button" data-act="dashboard" aria-label="Open in the dashboard" title="Open in the dashboard">${icon("window", "i-s")}</button>`;
}

/** `‹ 2 of 5 ›`, or nothing for one. @param {{index: number, count: number}} at */
export function pager({ index, count }) {
  if (count < 2 || index < 0) return "";
  return html`<nav class="pager" aria-label="Pending requests">
    ${turn("previous", "Previous request", index === 0)}
    <span class="where-in">${index + 1} of ${count}</span>
    ${turn("next", "Next request", index === count - 1)}
  </nav>`;
}

/** @param {"previous"|"next"} act @param {string} label @param {boolean} end */
function turn(act, label, end) {
  return html`<button class="btn flat icon small" type="button" data-act=${act} aria-label=${label} aria-disabled=${end ? "true" : "false"}>${icon(act, "i-s")}</button>`;
}

/** @param {Approval} a @param {number} now @param {boolean} jumps */
function about(a, now, jumps) {
  const server = serverOf(a);
  return html`<div class="meta">
    ${a.tag ? html`<span class="chip">${icon("tag")}${line(a.tag)}</span>` : ""}
    ${a.agent ? html`<span class="chip agent">${icon("agent")}sub-agent ${line(a.agent.type)}</span>` : ""}
    ${server ? html`<span class="chip">${icon("globe")}MCP server ${line(server)}</span>` : ""}
    ${a.mode === "plan" ? html`<span class="chip">${icon("list")}plan mode</span>` : ""}
    ${a.headless ? html`<span class="chip">${icon("terminal")}claude -p</span>` : ""}
    <span class="at">${a.headless ? "" : place(a, jumps)}<span class="age">asked ${ago(a.opened, now)}</span></span>
  </div>`;
}

/** The place is the way there, where the host knows one. @param {Approval} a @param {boolean} jumps */
function place(a, jumps) {
  if (!jumps) return a.place ? html`<span>${line(a.place)}</span><span class="sep" aria-hidden="true">·</span>` : "";
  return html`<button class="place" type="button" data-act="jump" title="Jump to its terminal">${a.place ? line(a.place) : "its terminal"}<kbd>J</kbd></button><span class="sep" aria-hidden="true">·</span>`;
}
