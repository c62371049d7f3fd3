/** The first start: what ccmon does and never does, the one step that is needed, and whether Claude is heard. */

import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "../parts/icons.js";
import { line } from "../parts/text.js";
import { ago } from "../parts/time.js";
import { counted, words } from "../settings/common.js";
import { check, examine } from "../settings/daemon.js";
import { act, feedback, forget, load, state } from "../settings/hooking.js";

/**
 * @typedef {import("../app.js").App} App
 * @typedef {import("../wire").Event} Event
 */

/** Among so many events, one of a hook is looked for. */
const LOOK_BACK = 50;
/** What the desktop should have, by the doctor's names. @type {[string, string][]} */
const DESKTOP = [["tray host", "Tray icon"], ["notifications", "Notifications"]];
/** What the doctor finds instead where there is no desktop. */
const WITHOUT = ["desktop", "D-Bus"];

/** A desktop that has just begun may have no panel yet: when to look again, in ms after the last look. */
const AGAIN = [2_000, 4_000, 8_000, 16_000];

/** The last that a hook told. @type {Event|null} */
let heard = null;
/** It was put away: it does not come by itself any more. */
let away = false;
/** The next look. @type {ReturnType<typeof setTimeout>|undefined} */
let next;
/** Who comes back to the window has done something elsewhere, perhaps. */
let returned = () => {};

/** @type {import("../app.js").Tab} */
export const welcome = { id: "welcome", title: "Welcome", icon: "info", hidden: true, view, enter, leave, frame };

/** @param {App} app */
function enter(app) {
  forget();
  heard = null;
  away = false;
  returned = () => look(app);
  globalThis.addEventListener?.("focus", returned);
  look(app);
}

function leave() {
  globalThis.removeEventListener?.("focus", returned);
  clearTimeout(next);
}

/** @param {App} app @param {number} [looks] how often it was looked already */
function look(app, looks = 0) {
  clearTimeout(next);
  void load(app).then(() => recall(app));
  void examine(app).then(() => {
    clearTimeout(next);
    const lacks = DESKTOP.some(([name]) => check(name)?.result !== "ok");
    if (lacks && app.tab === welcome && looks < AGAIN.length) next = setTimeout(() => look(app, looks + 1), AGAIN[looks]);
  });
}

/** What was told before the page was open; of hooks that are gone it would prove nothing. @param {App} app */
async function recall(app) {
  if (!state.hooks?.installed) return;
  const told = await app.ask("GET", `/events?order=desc&limit=${LOOK_BACK}`).catch(() => null);
  const last = told?.events.find(byHook);
  if (last) hear(app, last);
}

/** @param {any} frame @param {App} app */
function frame(frame, app) {
  // The daemon is another one perhaps.
  if (frame.type === "snapshot") look(app);
  if (frame.type !== "event" || !byHook(frame.event)) return;
  // What a hook tells before hooks are known of: they were installed elsewhere.
  if (state.hooks && !state.hooks.installed) void load(app).then(() => hear(app, frame.event));
  else hear(app, frame.event);
}

/** Not what ccmon notes by itself. @param {Event} event */
function byHook(event) {
  return !event.kind.startsWith("ccmon.");
}

/** @param {App} app @param {Event} event */
function hear(app, event) {
  if (heard && heard.at > event.at) return;
  heard = event;
  // Everything is as it should be: nobody needs to be greeted again.
  if (state.hooks?.installed) void putAway(app);
  app.draw();
}

/** @param {App} app */
async function putAway(app) {
  if (away) return;
  away = true;
  if (!(await app.try("POST", "/welcome", { done: true }))) away = false;
}

/** @param {App} app */
async function finish(app) {
  await putAway(app);
  app.go("sessions");
}

/** @param {App} app */
function view(app) {
  return html`<section class="pane soft welcome" aria-label="Welcome"><div class="hello">
    <svg class="bigmark" viewBox="0 0 22 22" aria-hidden="true"><path d="M4 4.5l6.5 6.5L4 17.5" /><circle cx="16" cy="16" r="2.5" /></svg>
    <div><h1>See which session needs you</h1><p class="dim">ccmon tells you which session waits for you, shows what it asks, and lets you answer without leaving what you do. Everything stays on this machine.</p></div>
    <ol class="steps">${client()}${hooks(app)}${DESKTOP.map(([name, title]) => desktop(name, title))}${first(app)}</ol>
    ${feedback(app)}
    <ul class="promises">
      <li>${icon("check", "i-s")}<span>It answers Claude only with what you, or a rule of yours, decide.</span></li>
      <li>${icon("check", "i-s")}<span>It sends nothing off this machine. Only summaries go to Claude, and only once you turn them on.</span></li>
      <li>${icon("check", "i-s")}<span>If it stops, or is removed, Claude asks in its terminal as if ccmon were not there.</span></li>
    </ul>
    <p class="dim">You can undo all of this in <a href="#/settings/hooks">Settings</a>, or with <code>ccmon uninstall</code>. This page stays under Settings, Hooks and daemon.</p>
    <div class="row ends"><button class="btn ${isHeard() ? "primary" : ""}" type="button" @click=${() => void finish(app)}>${isHeard() ? "Done" : "Do not show this again"}</button></div>
  </div></section>`;
}

function client() {
  const found = state.hooks?.clients[0];
  if (!state.hooks) return step(false, "Claude Code", "Looking for it…");
  if (!found) return step(false, "Claude Code was not found", html`Install it, or start ccmon from where <code>claude</code> is found.`);
  return step(true, "Claude Code found", html`Version ${line(found.version)}, <code>${line(found.path)}</code>`);
}

/** @param {App} app */
function hooks(app) {
  const { hooks, busy } = state;
  if (hooks?.installed) return step(true, "Hooks installed", html`${counted(hooks.events.length, "event")} in <code>${line(hooks.path)}</code>`);
  const button = html`<button class="btn primary" type="button" ?disabled=${busy} @click=${() => void act(app, "install", true)}>${busy ? "Looking…" : "Show changes…"}</button>`;
  return step(false, "Install the hooks", html`Adds entries to <code>${line(hooks?.path ?? "~/.claude/settings.json")}</code>. A copy is kept, your own entries stay as they are.`, button);
}

/** @param {string} name @param {string} title */
function desktop(name, title) {
  const found = check(name) ?? WITHOUT.map(check).find((c) => c && c.result !== "ok");
  if (!found) return step(false, title, "Looking at the desktop…");
  return step(found.result === "ok", title, html`${words(found.found)}${found.remedy ? html`<span class="remedy">${words(found.remedy)}</span>` : ""}`);
}

function isHeard() {
  return Boolean(heard && state.hooks?.installed);
}

/** @param {App} app */
function first(app) {
  if (!heard || !isHeard()) return step(false, html`Start <code>claude</code> in any terminal`, html`<span role="status">${state.hooks?.installed ? "Waiting for the first session. Those that already run are heard as soon as something happens in them." : "It appears here within a second."}</span>`);
  const session = app.board.sessions.get(heard.session);
  const of = session ? html`<a href=${`#/sessions/${encodeURIComponent(session.key)}`}>${line(session.project)}</a>` : "A session that has ended";
  return step(true, "ccmon hears Claude", html`<span role="status">${of}, ${line(heard.kind)}, ${ago(heard.at, app.now())}</span>`);
}

/** @param {boolean} done @param {unknown} title @param {unknown} detail @param {unknown} [button] */
function step(done, title, detail, button = "") {
  return html`<li>${done ? icon("check") : html`<span class="todo"></span>`}<span><span class="vh">${done ? "Done: " : "To do: "}</span><b>${title}</b><small>${detail}</small></span><span>${button}</span></li>`;
}
