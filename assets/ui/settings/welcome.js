/** The first start: what ccmon does, what it never does, and the one step that is needed. */

import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "../parts/icons.js";
import { line } from "../parts/text.js";
import { counted } from "./common.js";
import { act, feedback, state } from "./hooking.js";

/** @typedef {import("../app.js").App} App */

/** @param {App} app */
export function welcome(app) {
  const { hooks, busy } = state;
  const client = hooks?.clients[0];
  return html`<div class="hello">
    <svg class="bigmark" viewBox="0 0 22 22" aria-hidden="true"><path d="M4 4.5l6.5 6.5L4 17.5" /><circle cx="16" cy="16" r="2.5" /></svg>
    <div><h1>See which session needs you</h1><p class="dim">ccmon tells you which session waits for you, shows what it asks, and lets you answer without leaving what you do. Everything stays on this machine.</p></div>
    <ol class="steps">
      ${step(Boolean(client), client ? "Claude Code found" : "Claude Code was not found", client ? html`Version ${line(client.version)}, <code>${line(client.path)}</code>` : html`Install it, or start ccmon from where <code>claude</code> is found.`)}
      ${hooks?.installed ? step(true, "Hooks installed", html`${counted(hooks.events.length, "event")} in <code>${line(hooks.path)}</code>`) : step(false, "Install the hooks", html`Adds entries to <code>${line(hooks?.path ?? "~/.claude/settings.json")}</code>. A copy is kept, your own entries stay as they are.`, html`<button class="btn primary" type="button" ?disabled=${busy} @click=${() => void act(app, "install", true)}>${busy ? "Looking…" : "Show changes…"}</button>`)}
      ${step(false, html`Start <code>claude</code> in any terminal`, "It appears here within a second. Sessions that already run are found as well.", hooks?.installed ? html`<a class="btn primary" href="#/sessions">Sessions</a>` : "")}
    </ol>
    ${feedback(app)}
    <ul class="promises">
      <li>${icon("check", "i-s")}<span>It answers Claude only with what you, or a rule of yours, decide.</span></li>
      <li>${icon("check", "i-s")}<span>It sends nothing anywhere. Only summaries go to Claude, and only once you turn them on.</span></li>
      <li>${icon("check", "i-s")}<span>If it stops, Claude asks in its terminal as if ccmon were not there.</span></li>
    </ul>
    <p class="dim">You can undo all of this in <a href="#/settings/hooks">Settings</a>, or with <code>ccmon uninstall</code>.</p>
  </div>`;
}

/** @param {boolean} done @param {unknown} title @param {unknown} detail @param {unknown} [button] */
function step(done, title, detail, button = "") {
  return html`<li>${done ? icon("check") : html`<span class="todo"></span>`}<span><b>${title}</b><small>${detail}</small></span><span>${button}</span></li>`;
}
