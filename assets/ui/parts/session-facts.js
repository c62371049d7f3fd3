/** What is known of a session, and its summary. */

import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "./icons.js";
import { under } from "./page.js";
import { line, lines } from "./text.js";
import { ticks, timeOfDay } from "./tick.js";

/**
 * @typedef {import("../wire").Session} Session
 * @typedef {import("../wire").About} About
 * @typedef {{summary: import("../wire").Summary|null, state: "off"|"none"|"running"|"ready"|"failed", error: string|null}} Told
 */

/** @type {Record<string, string>} */
const MODES = { default: "asks before edits", acceptEdits: "accepts edits", plan: "plans only", bypassPermissions: "never asks", dontAsk: "denies what it would ask", auto: "decides by itself" };

/** @param {Session} s @param {About|null} about @param {number} now @param {string} [home] */
export function facts(s, about, now, home = "") {
  return html`<dl class="facts">
    ${fact("Folder", html`<code dir="ltr">${line(under(s.cwd, home))}</code>`)}
    ${s.worktree ? fact("Worktree", line(s.worktree)) : ""}
    ${fact("Terminal", s.headless ? "none, claude -p" : s.background ? "none, in the background" : s.place ? line(s.place) : "not found")}
    ${s.host ? fact("Machine", line(s.host)) : ""}
    ${fact("Model", html`${s.model ? line(s.model.replace(/^claude-/, "")) : "unknown"}${s.mode ? html` · ${Object.hasOwn(MODES, s.mode) ? MODES[s.mode] : line(s.mode)}` : ""}`)}
    ${fact("Started", html`${timeOfDay(s.started, now)}, ${ticks("age", s.started, " ago")}`)}
    ${fact("Tools", tools(s, about))}
    ${fact("Approvals", approvals(s, about))}
    ${s.tokens === null ? "" : fact("Tokens", tokens(s.tokens))}
    ${fact("Process", html`<code dir="ltr">${s.pid ?? "unknown"} · <span title=${s.session_id}>${line(s.session_id.slice(0, 8))}</span></code>`)}
  </dl>`;
}

/** @param {string} name @param {unknown} value */
function fact(name, value) {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

/** @param {Session} s @param {About|null} about */
function tools(s, about) {
  const failed = about?.stats.failed ?? 0;
  return `${Math.max(s.tools, about?.stats.tools ?? 0)}${failed ? `, ${failed} failed` : ""}`;
}

/** @param {Session} s @param {About|null} about */
function approvals(s, about) {
  const counts = about?.stats.approvals;
  if (!counts || counts.allowed + counts.denied === 0) return String(s.approvals);
  const parts = [[counts.allowed, "allowed"], [counts.denied, "denied"], [counts.other, "other"]].filter(([n]) => n);
  return parts.map(([n, word]) => `${n} ${word}`).join(", ");
}

/** `184 k`. @param {number} n */
export function tokens(n) {
  return n < 10_000 ? n.toLocaleString("en") : n < 1_000_000 ? `${Math.round(n / 1000)} k` : `${(n / 1_000_000).toFixed(1)} M`;
}

/** @param {Told|null} told @param {() => void} write starts a new one */
export function summary(told, write) {
  if (!told) return "";
  const button = (/** @type {string} */ words) => html`<button class="btn small" type="button" @click=${write}>${words}</button>`;
  if (told.state === "off" && !told.summary) return html`<p class="dimmer small-words">Summaries are off. <a href="#/settings/summaries">Turn them on in Settings</a> and Claude sums up a session on request.</p>`;
  const body = {
    off: "",
    none: html`<p class="dim">Not written yet. It asks Claude once, with this session’s prompts and messages.</p>`,
    running: html`<p class="dim" role="status">Claude is reading…</p>`,
    ready: "",
    failed: html`<p class="note warn">${icon("alert")}<span>${line(told.error ?? "It did not work.")}</span></p>`,
  }[told.state];
  return html`<div class="cardlet summary"><div class="in">
    <div class="row"><h2 class="h2 grow">Summary</h2>${told.state === "running" || told.state === "off" ? "" : button(told.summary ? "Write anew" : told.state === "failed" ? "Try again" : "Write one")}</div>
    ${told.summary ? html`<div>${lines(told.summary.text)}</div><p class="dimmer small-words">${ticks("ago", told.summary.at)}${told.summary.model ? html` · ${line(told.summary.model)}` : ""}${told.summary.cost_usd ? ` · $${told.summary.cost_usd.toFixed(3)}` : ""}</p>` : ""}
    ${body}</div></div>`;
}
