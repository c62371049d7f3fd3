/** The hooks in Claude Code’s settings: how they stand, and the change to them, shown before it is made. */

import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "../parts/icons.js";
import { line, lines } from "../parts/text.js";
import { counted, drawn, failed, loading, newest, note, said, ticked, words } from "./common.js";
import { examine } from "./daemon.js";

/**
 * @typedef {import("../app.js").App} App
 * @typedef {{path: string, installed: boolean, holds: boolean, program: string|null, events: string[], problems: string[], clients: {version: string, path: string}[]}} Hooks
 * @typedef {"install"|"uninstall"} Change
 */

export const state = {
  /** @type {Hooks|null} */ hooks: null,
  error: "",
  /** Whether requests shall be held. */ approval: true,
  /** What would be changed. @type {{change: Change, changed: boolean, path: string, diff: string, notes: string[]}|null} */ shown: null,
  wrong: "",
  done: "",
  busy: false,
};

export const load = newest((app) => app.ask("GET", "/hooks"), took, (error) => (state.error = error));

/** @param {Hooks} hooks */
function took(hooks) {
  if (hooks.installed && !state.hooks) state.approval = hooks.holds;
  Object.assign(state, { hooks, error: "" });
}

/** @param {App} app @param {Change} change @param {boolean} dry */
export async function act(app, change, dry) {
  Object.assign(state, { busy: true, wrong: "", done: "" });
  app.draw();
  try {
    const answer = await app.ask("POST", `/hooks/${change}`, { dry_run: dry, ...(change === "install" ? { approval: state.approval } : {}) });
    state.shown = dry ? { change, ...answer } : null;
    if (!dry) state.done = finished(change, answer);
    if (!dry) await load(app);
    if (!dry) void examine(app);
  } catch (error) {
    state.wrong = said(error);
  }
  state.busy = false;
  drawn(app, show);
}

/** What is to be read before anything is pressed. */
function show() {
  const panel = document.querySelector(".difference");
  panel?.scrollIntoView({ block: "nearest" });
  /** @type {HTMLElement|null|undefined} */ (panel?.querySelector("pre"))?.focus({ preventScroll: true });
}

/** What was shown before is not shown for another visit. */
export function forget() {
  Object.assign(state, { shown: null, wrong: "", done: "" });
}

/** @param {Change} change @param {{changed: boolean, notes: string[]}} answer */
function finished(change, { changed, notes }) {
  const what = !changed ? "Nothing had to be changed." : change === "install" ? "The hooks are installed." : "The hooks are gone. Your own entries stay as they were.";
  return [what, ...notes].join(" ");
}

/** @param {App} app */
export function hooksView(app) {
  const { hooks, error } = state;
  if (!hooks) return error ? failed(error, () => void load(app)) : loading();
  const missing = hooks.installed ? html`${counted(hooks.events.length, "event")} in <code>${line(hooks.path)}</code>${hooks.holds ? "" : ", without holding requests"}` : html`Without them ccmon finds sessions, but cannot see what they ask. They go into <code>${line(hooks.path)}</code>`;
  const verb = hooks.installed ? "Install again…" : "Install…";
  return html`<div class="rowset">
    <div class="set"><span class="grow"><b>${hooks.installed ? "Installed" : "Not installed"}</b><small>${missing}</small>${hooks.problems.map((p) => html`<small class="wrong">${words(p)}</small>`)}</span>
      <span class="controls">${hooks.installed ? html`<button class="btn" type="button" ?disabled=${state.busy} @click=${() => void act(app, "uninstall", true)}>Uninstall…</button>` : ""}
      <button class="btn ${hooks.installed ? "" : "primary"}" type="button" ?disabled=${state.busy} @click=${() => void act(app, "install", true)}>${verb}</button></span></div>
    ${approval(app)}
    <div class="set"><span class="grow"><b>Claude Code</b>${hooks.clients.length ? hooks.clients.map((c) => html`<small>${line(c.version)}, <code>${line(c.path)}</code></small>`) : html`<small>Not found on the path of the daemon. Install it, or start ccmon from where <code>claude</code> is found.</small>`}</span></div>
    ${hooks.program ? html`<div class="set"><span class="grow"><b>Hook program</b><small><code>${line(hooks.program)}</code></small></span></div>` : ""}
  </div>${feedback(app)}`;
}

/** @param {App} app */
function approval(app) {
  const set = (/** @type {Event} */ e) => {
    state.approval = ticked(e);
    void act(app, "install", true);
  };
  return html`<div class="set"><span class="grow"><b>Answer requests from here</b><small>Off, ccmon only watches: every question stays in its terminal. The change is shown first.</small></span>
    <input class="switch" type="checkbox" role="switch" aria-label="Answer requests from here" .checked=${state.approval} ?disabled=${state.busy} @change=${set} /></div>`;
}

/** What came of it, or what would. @param {App} app */
export function feedback(app) {
  return html`<div aria-live="polite">${state.wrong ? note("bad", html`Nothing was changed. ${words(state.wrong)}`) : ""}${state.done ? note("ok", words(state.done)) : ""}</div>${difference(app)}`;
}

/** @param {App} app */
function difference(app) {
  const { shown } = state;
  if (!shown) return "";
  const install = shown.change === "install";
  const cancel = () => {
    Object.assign(state, { shown: null, approval: state.hooks?.installed ? state.hooks.holds : state.approval });
    app.draw();
  };
  return html`<section class="cardlet difference" aria-labelledby="diff-title"><div class="in">
    <h3 class="h2" id="diff-title">${shown.changed ? html`What changes in <code>${line(shown.path)}</code>` : "Nothing would change: it is as it should be."}</h3>
    ${shown.changed ? html`<div class="code"><pre tabindex="0" role="group" aria-label="The change, line by line">${shown.diff.trimEnd().split("\n").map(diffLine)}</pre></div>` : ""}
    ${shown.notes.map((n) => note("info", words(n)))}
    <div class="row ends"><button class="btn" type="button" @click=${cancel}>Cancel</button>
      ${shown.changed ? html`<button class="btn ${install ? "primary" : "risky"}" type="button" ?disabled=${state.busy} @click=${() => void act(app, shown.change, false)}>${icon(install ? "check" : "bin", "i-s")}${install ? "Install" : "Uninstall"}</button>` : ""}</div>
  </div></section>`;
}

/** @param {string} text */
function diffLine(text) {
  const sign = text.startsWith("+++") || text.startsWith("---") ? "at" : { "+": "add", "-": "del", "@": "at" }[text[0]] ?? "";
  return html`<span class="dl ${sign}">${lines(text)}
</span>`;
}
