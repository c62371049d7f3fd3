/** Sessions: the list by need, and one of them in full. */

import { html } from "../vendor/lit-html/lit-html.js";
import { byNeed } from "../board.js";
import { jump } from "../decider.js";
import { empty, loading } from "../parts/empty.js";
import { beside, groups } from "../parts/groups.js";
import { icon } from "../parts/icons.js";
import { menu } from "../parts/menu.js";
import { dismiss, pin } from "../parts/session-acts.js";
import { detail } from "../parts/session-detail.js";
import { firsts, list } from "../parts/session-list.js";
import { format } from "../route.js";
import { Page } from "../session.js";

export { Page };

/**
 * @typedef {import("../app.js").App} App
 * @typedef {import("../wire").Session} Session
 */

/** So many rows are drawn at once; the rest when somebody comes near. */
const ROWS = 50;
/** How near, px. */
const NEAR = 800;
/** Those that ended are not asked for more often, ms. */
const REST = 2_000;

const narrow = matchMedia("(max-width: 720px)");

/** What is shown of the chosen session. @type {Page|null} */
let page = null;
/** Chosen without being named: the first when the page opened, or by the arrows. */
let quiet = "";
let most = ROWS;
/** What was last filtered for. @type {string|undefined} */ let sought;
/** Whether one pane only was the detail. */
let wasOpen = false;
/** @type {Session[]|null} */ let ended = null;
let asked = -Infinity;
let timer = 0;

/** @type {import("../app.js").Tab} */
export const sessions = {
  id: "sessions",
  title: "Sessions",
  icon: "sessions",
  view,
  enter(app) {
    narrow.onchange = () => (follow(app), app.draw());
    wasOpen = app.route.path.length > 0;
    if (app.route.query.ended) recall(app);
  },
  moved(app) {
    if (app.route.query.q !== sought) most = ROWS;
    sought = app.route.query.q;
    if (app.route.query.ended && !ended) recall(app);
    follow(app);
  },
  leave() {
    page?.close();
    page = null;
    narrow.onchange = null;
    clearTimeout(timer);
  },
  frame(frame, app) {
    follow(app);
    page?.hear(frame);
    if (app.route.query.ended && (frame.type === "session_gone" || frame.type === "snapshot")) recall(app);
  },
  drawn(app) {
    page?.drawn();
    focus(app);
    grow(app);
  },
  key: keyed,
  keys: [["↑ ↓", "choose"], ["Enter", "open"], ["J", "jump to the terminal"], ["A", "approve"], ["D", "deny, with a message"], ["T", "decide in the terminal"], ["P", "pin"], ["X", "hide until it needs you"]],
};

/** The session that is looked at. @param {App} app */
function chosen(app) {
  const named = app.route.path[0];
  if (named) return named;
  if (!quiet && !narrow.matches) quiet = visible(app).groups[0]?.sessions[0]?.key ?? "";
  return quiet;
}

/** Opens whatever is chosen. @param {App} app */
function follow(app) {
  const key = chosen(app);
  if (key === (page?.key ?? "")) return;
  page?.close();
  page = key ? new Page(app, key) : null;
}

/** @param {App} app @param {string[]} path */
function address(app, path) {
  return format({ tab: "sessions", path, query: app.route.query });
}

/** @param {App} app */
function visible(app) {
  const all = app.route.query.ended && ended ? [...byNeed(app.board).filter((s) => s.state !== "ended"), ...ended] : byNeed(app.board).filter((s) => s.state !== "ended");
  return groups(all, { find: app.route.query.q ?? "", dismissed: Boolean(app.route.query.dismissed) });
}

/** Those that ended. @param {App} app */
function recall(app) {
  clearTimeout(timer);
  timer = window.setTimeout(async () => {
    asked = performance.now();
    const told = await app.try("GET", "/sessions?include_ended=1");
    if (told) ended = told.sessions.filter((/** @type {Session} */ s) => s.state === "ended");
    follow(app);
    app.draw();
  }, Math.max(0, asked + REST - performance.now()));
}

/** @param {App} app @param {string} key @returns {Session|null} */
function known(app, key) {
  return app.board.sessions.get(key) ?? page?.about?.session ?? ended?.find((s) => s.key === key) ?? page?.last ?? null;
}

/** @param {App} app */
function view(app) {
  const s = page ? known(app, page.key) : null;
  if (page && s) page.last = s;
  if (app.link === "live" && app.board.sessions.size === 0 && !app.route.query.ended && !s) return allClear(app);
  const seen = visible(app);
  return html`<div class="panes duo" data-open=${app.route.path.length > 0}>
    <section class="pane" aria-label="Sessions" @scroll=${() => grow(app)}>
      <h1 class="vh">Sessions</h1>
      ${tools(app, seen)}
      ${app.link === "connecting" ? loading("Connecting…") : list(seen.groups, { chosen: page?.key ?? "", most, first: firsts(app.board.pending.values()), to: (key) => address(app, [key]) })}
      ${below(app, seen)}
    </section>
    <section class="pane soft detail" id="detail" aria-label="Session" tabindex="-1" @scroll=${() => page?.scrolled()}>${page && s ? html`<div class="pad">${detail(app, page, s)}</div>` : page ? unknown(page) : ""}</section>
  </div>`;
}

/** @param {App} app @param {ReturnType<typeof groups>} seen */
function tools(app, seen) {
  const { q = "", ended: past = "", dismissed = "" } = app.route.query;
  const find = (/** @type {any} */ e) => app.filter({ q: e.target.value });
  return html`<div class="tools"><div class="find">${icon("find")}<input class="field" id="find" type="search" placeholder="Project, branch, folder or tag" aria-label="Filter sessions" autocomplete="off" spellcheck="false" .value=${q} @input=${find} @keydown=${(/** @type {KeyboardEvent} */ e) => finding(e, app)}></div>
    ${menu("More", [
      { label: "Show ended sessions", checked: past === "1", run: () => app.filter({ ended: past ? "" : "1" }) },
      { label: `Show hidden sessions${seen.dismissed ? `, ${seen.dismissed}` : ""}`, checked: dismissed === "1", run: () => app.filter({ dismissed: dismissed ? "" : "1" }) },
    ])}</div>${counts(app)}`;
}

/** How many wait, and how many are silent. @param {App} app */
function counts(app) {
  const stuck = [...app.board.sessions.values()].filter((s) => s.state === "stuck").length;
  const { size } = app.board.pending;
  if (!stuck && !size) return "";
  return html`<p class="needs">${size ? html`<a href="#/approvals">${size} ${size === 1 ? "request" : "requests"}</a>` : ""}${stuck ? html`<span>${icon("clock", "i-s")}${stuck} silent</span>` : ""}</p>`;
}

/** What the list does not show. @param {App} app @param {ReturnType<typeof groups>} seen */
function below(app, seen) {
  const { q = "", dismissed = "", ended: past = "" } = app.route.query;
  const hidden = seen.dismissed && !dismissed ? html`<button class="btn flat small" type="button" @click=${() => app.filter({ dismissed: "1" })}>${icon("hide", "i-s")}${seen.dismissed} hidden</button>` : "";
  if (seen.shown || app.link === "connecting") return html`<div class="below">${hidden}</div>`;
  if (q) return html`<div class="below"><p>No session matches “${q.slice(0, 60)}”.</p><button class="btn small" type="button" @click=${() => app.filter({ q: "" })}>Show all</button>${hidden}</div>`;
  return html`<div class="below">${past && !ended ? loading() : html`<p>No session is running.</p>`}${hidden}</div>`;
}

/** @param {App} app */
function allClear(app) {
  const more = html`<p class="dim">Nothing appears? <a href="#/welcome">Check the hooks</a> or run <code>ccmon doctor</code>.</p>
    <button class="btn" type="button" @click=${() => app.filter({ ended: "1" })}>Show ended sessions</button>`;
  return empty("All clear", html`No Claude Code session is running. Start <code>claude</code> in any terminal and it appears here within a second.`, more);
}

/** @param {Page} of */
function unknown(of) {
  return of.missing ? empty("No such session", "It was deleted, or the address is wrong.", html`<a class="btn" href="#/sessions">All sessions</a>`) : loading();
}

/** More rows, when the end of those that are drawn comes near. @param {App} app */
function grow(app) {
  const pane = document.getElementById("sessions")?.parentElement;
  if (!pane || most >= app.board.sessions.size + (ended?.length ?? 0)) return;
  if (pane.scrollHeight - pane.scrollTop - pane.clientHeight > NEAR) return;
  most += ROWS;
  app.draw();
}

/** The focus goes with the pane, where there is room for one. @param {App} app */
function focus(app) {
  const open = app.route.path.length > 0;
  if (open !== wasOpen && narrow.matches) document.getElementById(open ? "to-list" : "sessions")?.focus({ preventScroll: true });
  wasOpen = open;
}

/** In the filter: Escape empties it, ↓ goes to what was found. @param {KeyboardEvent} e @param {App} app */
function finding(e, app) {
  if (e.key === "Escape" && app.route.query.q) {
    e.preventDefault();
    app.filter({ q: "" });
  } else if (e.key === "ArrowDown" || e.key === "Enter" || e.key === "Escape") {
    e.preventDefault();
    document.getElementById("sessions")?.focus();
    if (e.key !== "Escape" && !visible(app).groups.some((g) => g.sessions.some((s) => s.key === page?.key))) choose(app, 1);
  }
}

/** @param {KeyboardEvent} e @param {App} app */
function keyed(e, app) {
  const reading = document.getElementById("detail")?.contains(document.activeElement) ?? false;
  if ((e.key === "ArrowUp" || e.key === "ArrowDown") && !reading) return choose(app, e.key === "ArrowUp" ? -1 : 1);
  if (e.key === "/") return document.getElementById("find")?.focus(), true;
  if (page?.decider?.key(e)) return true;
  if (e.key === "Escape" && app.route.path.length && narrow.matches) return app.go("sessions", [], app.route.query), true;
  if (e.key === "Enter" && document.activeElement?.id === "sessions") return enter(app);
  const s = page && known(app, page.key);
  if (!s || s.state === "ended" || e.repeat) return false;
  /** @type {Record<string, () => unknown>} */
  const does = { j: () => jump(app, s.key), p: () => pin(app, s), x: () => dismiss(app, s) };
  const act = does[e.key.toLowerCase()];
  act?.();
  return Boolean(act);
}

/** @param {App} app */
function enter(app) {
  if (page && narrow.matches) app.go("sessions", [page.key], app.route.query);
  document.getElementById("session-name")?.focus();
  return true;
}

/** @param {App} app @param {number} by */
function choose(app, by) {
  const to = beside(visible(app).groups, page?.key ?? "", by);
  if (!to) return false;
  quiet = to.key;
  most = Math.max(most, visible(app).groups.flatMap((g) => g.sessions).indexOf(to) + ROWS);
  if (app.route.path.length) app.replace([to.key]);
  follow(app);
  app.draw();
  requestAnimationFrame(() => document.getElementById(`s-${to.key}`)?.scrollIntoView({ block: "nearest" }));
  return true;
}
