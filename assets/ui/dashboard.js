/** The dashboard: makes the app, and draws the frame around the tab that is open. */

import { render } from "./vendor/lit-html/lit-html.js";
import { App } from "./app.js";
import { frame, toasts } from "./parts/frame.js";
import { sessions } from "./tabs/sessions.js";
import { approvals } from "./tabs/approvals.js";
import { history } from "./tabs/history.js";
import { insight } from "./tabs/insight.js";
import { settings } from "./tabs/settings.js";
import { welcome } from "./tabs/welcome.js";
import { update } from "./parts/tick.js";
import * as theme from "./theme.js";

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
const spoken = /** @type {HTMLElement} */ (document.getElementById("spoken"));
const corner = /** @type {HTMLElement} */ (document.getElementById("toasts"));

/** Keys after `g` that lead to a tab. */
const PAGES = { s: "sessions", a: "approvals", h: "history", i: "insight", t: "settings" };
/** How long after `g` the next key still belongs to it, ms. */
const CHORD = 1_500;

/** When `g` was pressed, if the next key still belongs to it. @type {number|null} */ let chord = null;
let second = 0;

const app = new App([sessions, approvals, history, insight, settings, welcome], draw);
theme.start();
addEventListener("keydown", keyed);
document.addEventListener("visibilitychange", tick);
app.start();

function draw() {
  document.title = title();
  render(frame(app), root);
  render(toasts(app), corner);
  const dialog = /** @type {HTMLDialogElement|null} */ (document.getElementById("dialog"));
  if (dialog && !dialog.open) dialog.showModal();
  if (spoken.textContent !== app.spoken) spoken.textContent = app.spoken;
  tick();
  app.tab.drawn?.(app);
}

/** Writes the times that go on, and again with the next second, while somebody can see them. */
function tick() {
  clearTimeout(second);
  if (document.hidden) return;
  const now = app.shownTime();
  const some = update(document.body, now);
  if (some && app.link === "live") second = window.setTimeout(tick, 1_005 - (now % 1_000));
}

function title() {
  const waiting = app.board.pending.size;
  return `${waiting ? `(${waiting}) ` : ""}${app.tab.title} · ccmon`;
}

/** @param {KeyboardEvent} e */
function keyed(e) {
  if (e.defaultPrevented || e.ctrlKey || e.altKey || e.metaKey || e.isComposing || app.dialog) return;
  if (e.key === "Escape" && app.help) return toggleHelp(e);
  if (writes(e.target)) return;
  if (leads(e)) return e.preventDefault();
  if (e.key === "?") return toggleHelp(e);
  if (app.tab.key?.(e, app)) e.preventDefault();
}

/** @param {KeyboardEvent} e */
function toggleHelp(e) {
  e.preventDefault();
  app.help = !app.help;
  app.draw();
}

/** `g` and a letter. @param {KeyboardEvent} e */
function leads(e) {
  const begun = chord !== null && performance.now() - chord < CHORD;
  chord = !begun && e.key === "g" ? performance.now() : null;
  const to = begun ? PAGES[/** @type {keyof typeof PAGES} */ (e.key.toLowerCase())] : undefined;
  if (to) app.go(to);
  return Boolean(to) || chord !== null;
}

/** @param {EventTarget|null} target */
function writes(target) {
  return target instanceof HTMLElement && target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]") !== null;
}
