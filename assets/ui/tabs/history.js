/** History: the sessions there were, and every request with its answer. */

import { seg } from "../parts/filters.js";
import { plain } from "../parts/escapes.js";
import { focusOn, settle, step } from "../parts/rows.js";
import { Audit } from "./history-audit.js";
import { Sessions } from "./history-sessions.js";

/** @typedef {import("../app.js").App} App */

/** @type {{sessions: Sessions, audit: Audit}|null} */
let sides = null;
/** Those with sessions. @type {import("../parts/filters.js").Choices} */
let projects = [];
/** What lies beside the rows. */
let beside = "";

/** @param {App} app */
function both(app) {
  return (sides ??= { sessions: new Sessions(app), audit: new Audit(app) });
}

/** @param {App} app */
function side(app) {
  return app.route.path[0] === "audit" ? both(app).audit : both(app).sessions;
}

/** The way from one side to the other. @param {App} app */
function views(app) {
  const here = app.route.path[0] === "audit" ? "audit" : "";
  // What both sides know is kept.
  const { project = "", days = "" } = app.route.query;
  const go = (/** @type {string} */ to) => app.go("history", to ? [to] : [], { project, days });
  return seg("What is shown", [["", "Sessions"], ["audit", "Approval audit"]], here, go);
}

/** @param {App} app */
async function readProjects(app) {
  const answer = await app.ask("GET", "/history/projects").catch(() => null);
  if (!answer) return;
  projects = answer.projects.map((/** @type {{project: string, sessions: number}} */ p) => [p.project, `${plain(p.project)} (${p.sessions})`]);
  app.draw();
}

/** Where there is only room for one, the focus goes to what is read now. @param {App} app */
function follow(app) {
  const now = app.route.path[1] ?? "";
  if (now && now !== beside && matchMedia("(max-width: 720px)").matches) focusOn("#drawer-title");
  beside = now;
}

/** At once: the next key is already one of the words. */
function find() {
  const box = document.getElementById("find");
  if (box instanceof HTMLInputElement) box.focus(), box.select();
  return true;
}

/** @param {KeyboardEvent} e @param {App} app */
function moves(e, app) {
  if (document.activeElement?.closest("#drawer")) return false;
  const row = step(e.key);
  if (row instanceof HTMLAnchorElement && app.route.path[1]) {
    // Reading on from row to row is one step for “back”.
    window.history.replaceState(null, "", row.href);
    app.moved();
  }
  return row !== null;
}

/** @type {import("../app.js").Tab} */
export const history = {
  id: "history",
  title: "History",
  icon: "history",
  view: (app) => side(app).view(projects, views(app)),
  enter: (app) => void readProjects(app),
  moved: (app) => {
    const { sessions, audit } = both(app);
    (side(app) === audit ? sessions : audit).leave();
    side(app).moved();
    follow(app);
  },
  leave: (app) => {
    both(app).sessions.leave();
    both(app).audit.leave();
  },
  frame: (frame, app) => side(app).frame(frame),
  drawn: (app) => {
    settle();
    side(app).drawn();
  },
  key: (e, app) => {
    if (e.key === "/") return find();
    if (e.key === "Escape" && app.route.path[1]) return side(app).close(), true;
    return /^(?:Arrow(?:Up|Down)|Home|End)$/.test(e.key) && moves(e, app);
  },
  keys: [
    ["↑ or ↓", "other row"],
    ["Enter", "open the row"],
    ["Esc", "close what is open"],
  ],
};
