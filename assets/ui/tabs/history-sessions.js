/** History › Sessions: what is asked of the daemon, and what is done with a session. */

import { html } from "../vendor/lit-html/lit-html.js";
import { Feed, since } from "../feed.js";
import { drawer } from "../parts/history-drawer.js";
import * as listed from "../parts/history-list.js";
import { Finder } from "../parts/filters.js";
import { focusOn, near, newsButton, toTop } from "../parts/rows.js";
import { forget } from "../parts/session-acts.js";
import { SessionCard } from "../session-card.js";

/** @typedef {import("../app.js").App} App */

/** Rows a page. */
const PAGE = "50";

export class Sessions {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    const ask = (/** @type {string} */ path, /** @type {AbortSignal} */ signal) => app.ask("GET", path, undefined, signal);
    /** @type {import("../feed.js").Feed<import("../parts/history-list.js").Found>} */
    this.feed = new Feed(ask, "/history/sessions", "sessions", () => app.draw());
    this.finder = new Finder((q) => app.filter({ q }));
    /** What the rows are the answer to. */ this.shown = "";
    /** @type {SessionCard|null} */ this.card = null;
    /** When they were read. */ this.read = 0;
    /** Sessions that began since. @type {Set<string>} */ this.news = new Set();
    /** The row that the focus was on last. */ this.at = "";
  }

  /** @param {import("../parts/filters.js").Choices} projects @param {unknown} views */
  view(projects, views) {
    const chosen = this.card?.key ?? "";
    const down = () => focusOn("a.rowlink[tabindex='0']");
    return html`<div class="hist" data-open=${this.card ? "yes" : "no"}>
      <div class="filters">${views}${listed.filters(this.app, this.finder, projects, down)}${newsButton(this.news.size, () => this.renew())}</div>
      <div class="panes beside">${listed.list(this.app, this.feed, chosen, this.at, (key) => this.reached(key))}
        ${this.card ? drawer(this.app, this.card, this.acts(this.card)) : ""}</div>
    </div>`;
  }

  /** The address changed. */
  moved() {
    const { query } = this.app.route;
    this.finder.told(query.q ?? "");
    const wanted = JSON.stringify(listed.FILTERS.map((f) => query[f] ?? ""));
    if (wanted !== this.shown) void this.load();
    this.shown = wanted;
    this.look(this.app.route.path[1] ?? "");
  }

  load() {
    const { q = "", days = "", project = "", approvals = "" } = this.app.route.query;
    this.read = this.app.now();
    this.news = new Set();
    return this.feed.load({ q, since: since(days, this.read), project, approvals, limit: PAGE });
  }

  renew() {
    this.at = "";
    void this.load().then(toTop);
  }

  /** @param {string} key */
  look(key) {
    if (key === (this.card?.key ?? "")) return;
    this.card?.leave();
    this.card = key ? new SessionCard(this.app, key) : null;
    void this.card?.load();
    if (key) this.at = key;
  }

  /** @param {string} key */
  reached(key) {
    if (!key || key === this.at) return;
    this.at = key;
    this.app.draw();
  }

  drawn() {
    if (this.feed.state === "ready") near(this.feed);
  }

  leave() {
    this.feed.stop();
    this.look("");
    this.shown = "";
  }

  /** @param {any} frame */
  frame(frame) {
    if (frame.type === "session_update") this.update(frame.session);
    if (frame.type === "snapshot" && this.feed.state === "failed") void this.feed.retry();
    if (frame.type === "approval_pending" || frame.type === "approval_resolved") this.card?.hear(frame.approval);
  }

  /** @param {import("../wire").Session} session */
  update(session) {
    const there = this.feed.patch((s) => s.key === session.key, (s) => ({ ...session, hits: s.hits }));
    const { q = "", project = "", approvals = "" } = this.app.route.query;
    const fits = q === "" && (project === "" || project === session.project) && (approvals === "" || (approvals === "with") === session.approvals > 0);
    if (!there && fits && session.started > this.read) this.news.add(session.key);
  }

  /** @param {SessionCard} card */
  acts(card) {
    return {
      close: () => this.close(),
      copy: () => void this.give(card, "md", "clipboard", "#copy"),
      md: () => void this.give(card, "md", "file", "#save"),
      json: () => void this.give(card, "json", "file", "#json"),
      remove: () => void this.remove(card),
    };
  }

  close() {
    this.app.go("history", [], this.app.route.query);
    focusOn("a.rowlink[tabindex='0']");
  }

  /** The focus comes back to the button that a long export takes away for a while. @param {SessionCard} card @param {"md"|"json"} format @param {"file"|"clipboard"} to @param {string} button */
  async give(card, format, to, button) {
    if (!card.session) return;
    focusOn("#stop");
    await card.exports.run(card.session, format, to);
    if (this.card === card && document.activeElement?.closest("#rows, .filters") === null) focusOn(button);
  }

  /** @param {SessionCard} card */
  async remove(card) {
    if (card.lives || !card.session) return;
    if (!(await forget(this.app, card.session))) return focusOn("#remove");
    const at = this.feed.rows.findIndex((s) => s.key === card.key);
    const there = this.feed.patch((s) => s.key === card.key, () => null);
    if (there && this.feed.total !== null) this.feed.total -= 1;
    // The focus goes on to the row that takes its place.
    this.at = this.feed.rows[Math.min(at, this.feed.rows.length - 1)]?.key ?? "";
    if (this.card === card) this.close();
  }
}
