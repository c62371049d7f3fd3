/** What stands around every tab: the bar, the banner of a lost daemon, dialogs, the list of keys, the corner. */

import { html } from "../vendor/lit-html/lit-html.js";
import { needs } from "../board.js";
import { format } from "../route.js";
import * as theme from "../theme.js";
import { icon } from "./icons.js";
import { line } from "./text.js";
import { exact } from "./tick.js";

/** @typedef {import("../app.js").App} App */

/** Keys that every tab has. @type {[string, string][]} */
const KEYS = [
  ["G then S A H I T", "go to a tab"],
  ["/", "find"],
  ["?", "this list"],
  ["Esc", "close, or back"],
];

/** @param {App} app */
export function frame(app) {
  return html`<div class="frame">
    ${bar(app)}
    <main id="main" class=${isLost(app) ? "stale" : ""} tabindex="-1">
      ${banner(app)}
      <div class="tab">${app.tab.view(app)}</div>
    </main>
    ${app.dialog ? dialog(app.dialog) : app.help ? help(app) : ""}
  </div>`;
}

/** @param {App} app */
function bar(app) {
  const counts = { sessions: needs(app.board), approvals: app.board.pending.size };
  return html`<header class="bar">
    <a class="brand" href="#/sessions"><svg class="mark" viewBox="0 0 22 22" aria-hidden="true"><path d="M4 4.5l6.5 6.500L4 17.500" /><circle cx="16" cy="16" r="2.500" /></svg><span>ccmon</span></a>
    <nav class="views" aria-label="Pages">
      ${app.tabs.filter((tab) => !tab.hidden).map((tab) => {
        const count = counts[/** @type {keyof typeof counts} */ (tab.id)] ?? 0;
        return html`<a class="vtab" href=${format({ tab: tab.id, path: [], query: {} })} aria-current=${tab === app.tab ? "page" : "false"}>
          ${icon(/** @type {any} */ (tab.icon))}<span>${tab.title}</span>${count ? html`<b class="count">${count}<i class="vh"> need you</i></b>` : ""}</a>`;
      })}
    </nav>
    <div class="barright">
      ${link(app)}
      <button class="btn flat small" type="button" aria-label=${app.board.rulesPaused ? "Rules paused, resume them" : "Rules on, pause them"} title=${app.board.rulesPaused ? "Resume the rules" : "Pause all rules"} @click=${() => void app.try("POST", `/rules/${app.board.rulesPaused ? "resume" : "pause"}`)}>
        ${icon("shield", "i-s")}<span class="wide">${app.board.rulesPaused ? "Rules paused" : "Rules on"}</span></button>
      ${themeButton(app)}
      <button class="btn flat icon small" type="button" aria-label="Keys" title="Keys (?)" @click=${() => ((app.help = !app.help), app.draw())}>${icon("keyboard", "i-s")}</button>
    </div>
  </header>`;
}

/** @param {App} app */
function themeButton(app) {
  const next = /** @type {const} */ ({ system: "light", light: "dark", dark: "system" });
  const now = theme.current();
  const label = { system: "Colours: as the desktop", light: "Colours: light", dark: "Colours: dark" }[now];
  const press = () => (theme.choose(next[now]), app.draw());
  return html`<button class="btn flat icon small" type="button" aria-label=${label} title=${label} @click=${press}>${icon(now === "dark" ? "moon" : now === "light" ? "sun" : "contrast", "i-s")}</button>`;
}

/** @param {App} app */
function isLost(app) {
  return app.link === "lost" || app.link === "out";
}

/** @param {App} app */
function link(app) {
  if (app.link === "live") return html`<span class="live"><i class="pulse"></i>Live</span>`;
  return isLost(app) ? html`<span class="live off">${icon("lost")}<span class="wide">Not connected</span></span>` : html`<span class="live">Connecting…</span>`;
}

/** @param {App} app */
function banner(app) {
  if (app.link === "out") return stripe(html`<b>This browser is not signed in any more.</b> Run <code>ccmon web</code> to open the dashboard anew.`, copies(app, "ccmon web"));
  if (app.link === "lost") return stripe(lostWords(app), html`<button class="btn small" type="button" @click=${() => app.retry()}>Try now</button>${copies(app, "ccmon doctor")}`);
  return app.board.trouble ? stripe(line(app.board.trouble), copies(app, "ccmon doctor")) : "";
}

/** @param {App} app */
function lostWords(app) {
  if (!app.heard) return html`<b>ccmon is not answering.</b> Claude Code goes on, and asks in its terminals.`;
  return html`<b>The daemon stopped answering at ${exact(app.heard)}.</b> This is how things stood then. Claude Code goes on, and asks in its terminals.`;
}

/** @param {unknown} words @param {unknown} buttons */
function stripe(words, buttons) {
  return html`<div class="banner" role="alert">${icon("alert")}<span class="grow">${words}</span><span class="row wrap">${buttons}</span></div>`;
}

/** @param {App} app @param {string} command */
function copies(app, command) {
  return html`<button class="btn small" type="button" @click=${() => void app.copy(command)}>Copy “${command}”</button>`;
}

/** @param {NonNullable<App["dialog"]>} d */
function dialog(d) {
  return html`<dialog id="dialog" class="dialog" aria-labelledby="dialog-title" @cancel=${(/** @type {Event} */ e) => (e.preventDefault(), d.answer(false))}>
    <h1 class="h2" id="dialog-title">${d.title}</h1>
    <div class="dim">${d.text}</div>
    <div class="row ends"><button class="btn" type="button" @click=${() => d.answer(false)}>Cancel</button>
      <button class="btn ${d.risky ? "risky" : "primary"}" type="button" @click=${() => d.answer(true)}>${d.verb}</button></div>
  </dialog>`;
}

/** @param {App} app */
function help(app) {
  const close = () => ((app.help = false), app.draw());
  const keys = [...(app.tab.keys ?? []), ...KEYS];
  return html`<dialog id="dialog" class="dialog" aria-labelledby="dialog-title" @cancel=${(/** @type {Event} */ e) => (e.preventDefault(), close())}>
    <h1 class="h2" id="dialog-title">Keys in ${app.tab.title}</h1>
    <dl class="keylist">${keys.map(([key, words]) => html`<dt>${key.split(" ").map((k) => (k === "then" || k === "or" ? html` ${k} ` : html`<kbd>${k}</kbd> `))}</dt><dd>${words}</dd>`)}</dl>
    <div class="row ends"><a class="btn flat" href="#/welcome" @click=${close}>Welcome page</a><button class="btn" type="button" @click=${close}>Close</button></div>
  </dialog>`;
}

/** @param {App} app */
export function toasts(app) {
  return app.toasts.map((t) => html`<div class="toast ${t.kind}">${icon(t.kind === "bad" ? "alert" : t.kind === "ok" ? "check" : "info", "i-s")}<span>${line(t.text)}</span>
    ${t.action ? html`<button class="btn flat small" type="button" @click=${() => (t.action?.run(), app.unsay(t.id))}>${t.action.label}</button>` : ""}
    <button class="btn flat icon small" type="button" aria-label="Close" @click=${() => app.unsay(t.id)}>${icon("close", "i-s")}</button></div>`);
}
