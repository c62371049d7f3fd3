/** Settings: the pages, one beside the other, and the one that is open. */

import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "../parts/icons.js";
import { drawn } from "../settings/common.js";
import { load } from "../settings/config.js";
import { hooks } from "../settings/hooks.js";
import * as jobs from "../settings/jobs.js";
import { notifications } from "../settings/notifications.js";
import { popup } from "../settings/popup.js";
import { retention } from "../settings/retention.js";
import { rules } from "../settings/rules.js";
import { shortcuts } from "../settings/shortcuts.js";
import { summaries } from "../settings/summaries.js";

/** @typedef {import("../app.js").App} App */

const PAGES = [rules, popup, notifications, shortcuts, summaries, retention, hooks];

/** The page that was entered. @type {import("../settings/common.js").Page|null} */
let open = null;

/** @type {import("../app.js").Tab} */
export const settings = { id: "settings", title: "Settings", icon: "gear", view, enter, moved, leave, frame, key, keys: [["N", "new rule"], ["P", "playground"]] };

/** @param {App} app */
function page(app) {
  return PAGES.find((p) => p.id === app.route.path[0]) ?? rules;
}

/** @param {App} app */
function view(app) {
  const now = page(app);
  return html`<div class="panes side settings">
    <nav class="pane soft sidenav" aria-label="Settings">${PAGES.map((p) => html`<a href=${`#/settings/${p.id}`} aria-current=${p === now ? "page" : "false"}>${icon(p.icon)}<span>${p.title}</span></a>`)}</nav>
    <section class="pane soft" aria-label=${now.title}><div class="pad">${now.view(app)}</div></section>
  </div>`;
}

/** @param {App} app */
function enter(app) {
  void load(app);
}

/** @param {App} app */
function moved(app) {
  const now = page(app);
  if (now !== open) {
    open?.leave?.(app);
    open = now;
    now.enter?.(app);
    // Narrow, the pages stand in a row that scrolls.
    drawn(app, () => document.querySelector(".sidenav [aria-current=page]")?.scrollIntoView({ inline: "nearest", block: "nearest" }));
  }
  now.moved?.(app);
}

/** @param {App} app */
function leave(app) {
  open?.leave?.(app);
  open = null;
}

/** @param {any} frame @param {App} app */
function frame(frame, app) {
  jobs.hear(frame, app);
  if (frame.type === "settings" || frame.type === "snapshot") void load(app);
  page(app).frame?.(frame, app);
}

/** @param {KeyboardEvent} e @param {App} app */
function key(e, app) {
  const to = { n: "new", p: "playground" }[e.key.toLowerCase()];
  if (to) app.go("settings", ["rules", to]);
  return Boolean(to);
}
