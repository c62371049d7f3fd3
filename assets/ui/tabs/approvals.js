/** Approvals: what waits, the request in full with its decision, what was decided. */

import { html } from "../vendor/lit-html/lit-html.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { queue } from "../board.js";
import { Decider, jump } from "../decider.js";
import { chips, decide } from "../parts/decide.js";
import { empty } from "../parts/empty.js";
import { ending } from "../parts/endings.js";
import { icon } from "../parts/icons.js";
import { decided, waiting } from "../parts/requests.js";
import { line } from "../parts/text.js";
import { exact } from "../parts/tick.js";
import { before, listBefore } from "../parts/before.js";

/**
 * @typedef {import("../app.js").App} App
 * @typedef {import("../wire").Approval} Approval
 */

const RECENT = 20;

const decider = new Decider(() => true);
/** Decided before this page was open. @type {Approval[]} */ let past = [];
/** How many were decided today, as the daemon counts. @type {number|null} */ let today = null;
/** It is being asked what was decided, */ let asking = false;
/** and is to be asked again: what is decided meanwhile may be in its answer or not. */ let again = false;
/** The request that the address names. */ let named = "";
/** The pane that is shown when there is room for one. */ let wasOne = false;

/** @type {import("../app.js").Tab} */
export const approvals = {
  id: "approvals",
  title: "Approvals",
  icon: "inbox",
  view,
  enter(app) {
    decider.open(app);
    void recall(app);
  },
  leave() {
    decider.close();
    named = "";
  },
  moved(app) {
    const id = app.route.path[0] ?? "";
    const isNew = id !== "" && id !== named;
    named = id;
    if (isNew && app.link === "live") app.board.pending.has(id) ? decider.show(id) : void tellEnd(app, id);
  },
  frame(frame, app) {
    decider.sync();
    if (frame.type === "snapshot") found(app);
    if (frame.type === "approval_resolved") count();
  },
  drawn(app) {
    follow(app);
    decider.drawn();
    before(app, decider.state.face);
  },
  key: keyed,
  keys: [["↑ ↓", "choose"], ["A", "approve"], ["D", "deny, with a message"], ["T", "decide in the terminal"], ["J", "jump to the terminal"], ["E", "edit it first"], ["1 … 9", "pick an option"], ["Enter", "read the request, answer it, or send the message"], ["Esc", "close the message"]],
};

/** Where room is for one pane only, the address says which; it names what is on the page. @param {App} app */
function follow(app) {
  const id = decider.state.face?.id ?? "";
  const open = app.route.path.length > 0;
  if (open && id && id !== named) {
    named = id;
    app.replace([id]);
  }
  if (open !== wasOne && matchMedia("(max-width: 720px)").matches) document.getElementById(open ? "to-list" : "waiting")?.focus({ preventScroll: true });
  wasOne = open;
}

/** The whole picture is here: the request that the address names, if it still waits. @param {App} app */
function found(app) {
  void recall(app);
  if (!named) return;
  if (app.board.pending.has(named)) decider.show(named);
  else void tellEnd(app, named);
}

/** Somebody was sent to a request that no longer waits. @param {App} app @param {string} id */
async function tellEnd(app, id) {
  const a = await app.ask("GET", `/approvals/${encodeURIComponent(id)}`).catch(() => null);
  app.say(a?.outcome ? `${a.project}: ${ending(a, a).title}` : "That request is not known any more");
}

/** One more was decided. */
function count() {
  if (asking) again = true;
  else if (today !== null) today += 1;
}

/** @param {App} app */
async function recall(app) {
  again = asking;
  if (asking) return;
  asking = true;
  try {
    do {
      again = false;
      await hear(app);
    } while (again);
  } finally {
    asking = false;
  }
}

/** @param {App} app */
async function hear(app) {
  const midnight = new Date(app.now()).setHours(0, 0, 0, 0);
  const [listed, counted] = await Promise.all([app.ask("GET", `/audit?limit=${RECENT}`).catch(() => null), app.ask("GET", `/audit/counts?since=${midnight}`).catch(() => null)]);
  if (listed) past = listed.approvals.filter((/** @type {Approval} */ a) => a.outcome);
  const open = counted?.outcomes?.pending ?? 0;
  today = typeof counted?.total === "number" ? counted.total - open : null;
  app.draw();
}

/** @param {App} app */
function view(app) {
  const list = queue(app.board);
  if (list.length === 0 && !decider.state.face && app.link !== "connecting") return html`<div class="panes three none-open">${nothing()}${recent(app)}</div>`;
  return html`<div class="panes three" data-open=${app.route.path.length > 0}>${side(list)}
    <section class="pane focus" aria-label="Request" data-turns tabindex="-1"><div class="pad">
      ${decide(decider, { head: (a) => head(app, a, list), more })}
      ${decider.state.face ? listBefore(app, decider.state.face) : ""}
    </div></section>${recent(app)}</div>`;
}

/** @param {Approval[]} list */
function side(list) {
  const face = decider.state.face?.id ?? "";
  const named = list.some((a) => a.id === face) ? `req-${face}` : "";
  return html`<section class="pane soft queue" aria-label="Waiting">
    <h1 class="vh">Approvals</h1>
    <h2 class="gh">Waiting <span>${list.length}, oldest first</span></h2>
    <div id="waiting" role="listbox" tabindex="0" aria-label="Waiting requests" aria-activedescendant=${named}>
      ${repeat(list, (a) => a.id, (a) => waiting(a, a.id === face))}
    </div>
    <p class="dimmer keyhints"><span><kbd>↑</kbd> <kbd>↓</kbd> choose</span> <span><kbd>A</kbd> approve</span> <span><kbd>D</kbd> deny</span> <span><kbd>J</kbd> jump</span></p>
  </section>`;
}

/** @param {App} app @param {Approval} a @param {Approval[]} list */
function head(app, a, list) {
  const at = list.findIndex((b) => b.id === a.id);
  return html`<div class="row only-small"><a class="btn flat small" id="to-list" href="#/approvals">${icon("previous", "i-s")}Waiting, ${list.length}</a><span class="grow"></span>${at < 0 ? "" : html`<span class="dim">${at + 1} of ${list.length}</span>`}</div>
    <div class="row top"><div class="grow">
      <div class="row wrap"><h1 class="h"><a class="plain" href=${`#/sessions/${encodeURIComponent(a.session)}`}>${line(a.project)}</a></h1>${a.branch ? html`<span class="branch">${icon("branch")}${line(a.branch)}</span>` : ""}${chips(a)}</div>
      <p class="dim">${a.place ? html`${line(a.place)} · ` : ""}asked ${exact(a.opened)}</p></div>
      ${a.headless ? "" : html`<button class="btn" type="button" @click=${() => void jump(app, a.session)}>${icon("jump", "i-s")}Jump<kbd>J</kbd></button>`}
    </div>`;
}

/** @param {Approval} a */
function more(a) {
  if (a.kind !== "permission") return "";
  return html`<div class="row wrap"><a class="btn flat small" href=${`#/settings/rules/new?approval=${encodeURIComponent(a.id)}`}>${icon("shield", "i-s")}Write a rule…</a></div>`;
}

function nothing() {
  return html`<section class="pane wide">${empty("Nothing waits", html`Requests appear here the moment Claude asks. What you always say yes to can be a <a href="#/settings/rules">rule</a>.`)}</section>`;
}

/** @param {App} app */
function recent(app) {
  const known = new Set(app.board.settled.map((a) => a.id));
  const all = [...app.board.settled, ...past.filter((a) => !known.has(a.id))].slice(0, RECENT);
  return html`<section class="pane soft far" aria-label="Decided"><h2 class="gh">Decided ${today === null ? "" : html`<span>today ${today}</span>`}</h2>
    ${all.length ? html`<ul>${repeat(all, (a) => a.id, (a) => decided(a, app.now()))}</ul>` : html`<p class="dimmer keyhints">Nothing yet.</p>`}
    <p class="keyhints"><a href="#/history/audit">All decisions</a></p></section>`;
}

/** @param {KeyboardEvent} e @param {App} app */
function keyed(e, app) {
  // Among options the arrows are the browser's.
  const among = e.target instanceof HTMLInputElement && e.target.type === "radio";
  if ((e.key === "ArrowUp" || e.key === "ArrowDown") && !among) return choose(app, e.key === "ArrowUp" ? -1 : 1);
  if (decider.key(e)) return true;
  if (e.key === "Enter" && inList()) return read(app);
  if (e.key === "Escape" && app.route.path.length) return app.go("approvals"), true;
  return false;
}

function inList() {
  return document.activeElement?.id === "waiting" || document.activeElement === document.body;
}

/** @param {App} app @param {number} by */
function choose(app, by) {
  const to = decider.beside(by);
  if (!to || decider.state.field) return true;
  decider.show(to.id);
  if (app.route.path.length) follow(app);
  app.draw();
  requestAnimationFrame(() => document.getElementById(`req-${to.id}`)?.scrollIntoView({ block: "nearest" }));
  return true;
}

/** @param {App} app */
function read(app) {
  const id = decider.state.face?.id;
  if (id && matchMedia("(max-width: 720px)").matches) app.go("approvals", [id]);
  document.getElementById("input")?.focus();
  return true;
}
