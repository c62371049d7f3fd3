/** What a session did just before it asked. */

import { html } from "../vendor/lit-html/lit-html.js";
import { lately } from "../story.js";
import { brief } from "./timeline.js";

/**
 * @typedef {import("../app.js").App} App
 * @typedef {import("../wire").Approval} Approval
 */

const MOST = 4;
/** Enough events for so many calls. */
const EVENTS = 40;

/** For which request, and what was found. @type {{id: string, items: import("../wire").Item[]}} */
const kept = { id: "", items: [] };

/** Fetches it, once a request. @param {App} app @param {Approval|null} a */
export function before(app, a) {
  if (!a || a.id === kept.id || app.link !== "live") return;
  kept.id = a.id;
  kept.items = [];
  const found = app.ask("GET", `/sessions/${encodeURIComponent(a.session)}/timeline?limit=${EVENTS}`);
  void found.then(
    (told) => {
      if (kept.id !== a.id) return;
      kept.items = lately(told.turns, a.opened, MOST);
      app.draw();
    },
    () => {}, // It is a help, nothing more.
  );
}

/** @param {App} app @param {Approval} a */
export function listBefore(app, a) {
  if (kept.id !== a.id || kept.items.length === 0) return "";
  return html`<div class="cardlet"><div class="in"><h2 class="h2">Before this</h2><ol class="time">${kept.items.map((i) => brief(i, app.now()))}</ol></div></div>`;
}
