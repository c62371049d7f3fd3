/** History › Sessions: what is asked of the daemon, and what is done with a session. */

import { html } from "../vendor/lit-html/lit-html.js";
import { Download } from "../download.js";
import { Feed, since } from "../feed.js";
import { drawer } from "../parts/history-drawer.js";
import * as listed from "../parts/history-list.js";
import { Finder } from "../parts/filters.js";
import { focusOn, near } from "../parts/rows.js";
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
    /** The row that the focus was on last. */ this.at = "";
  }

  /** @param {import("../parts/filters.js").Choices} projects @param {unknown} views */
  view(projects, views) {
    const chosen = this.card?.key ?? "";
    const down = () => focusOn("a.rowlink[tabindex='0']");
    return html`<div class="hist" data-open=${this.card ? "yes" : "no"}>
      <div class="filters">${views}${listed.filters(this.app, this.finder, projects, down)}</div>
      <div class="panes beside">${listed.list(this.app, this.feed, chosen, this.at, (key) => this.reached(key))}
        ${this.card ? drawer(this.app, this.card, this.acts(this.card)) : ""}</div>
    </div>`;
  }

  /** The address changed. */
  moved() {
    const { query } = this.app.route;
    const { q = "", days = "", project = "", approvals = "" } = query;
    this.finder.told(q);
    const wanted = JSON.stringify(listed.FILTERS.map((f) => query[f] ?? ""));
    if (wanted !== this.shown) void this.feed.load({ q, since: since(days, this.app.now()), project, approvals, limit: PAGE });
    this.shown = wanted;
    this.look(this.app.route.path[1] ?? "");
  }

  /** @param {string} key */
  look(key) {
    if (key === (this.card?.key ?? "")) return;
    this.card?.leave();
    this.card = key ? new SessionCard((...args) => this.app.ask(...args), () => this.app.draw(), key) : null;
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
    if (frame.type === "session_update") this.feed.patch((s) => s.key === frame.session.key, (s) => ({ ...frame.session, hits: s.hits }));
    if (frame.type === "approval_pending" || frame.type === "approval_resolved") this.card?.hear(frame.approval);
  }

  /** @param {SessionCard} card */
  acts(card) {
    return {
      close: () => this.close(),
      copy: () => void this.copy(card),
      md: () => void this.save(card, "md"),
      json: () => void this.save(card, "json"),
      remove: () => void this.remove(card),
      summarize: () => void card.summarize(),
    };
  }

  close() {
    this.app.go("history", [], this.app.route.query);
    focusOn("a.rowlink[tabindex='0']");
  }

  /** @param {SessionCard} card @param {"md"|"json"} format @returns {Promise<Blob|null>} */
  async text(card, format) {
    if (card.busy) return null;
    card.busy = true;
    this.app.draw();
    try {
      const reading = new Download(format, 0);
      return await reading.read((signal) => this.app.stream(`${card.path}/export?format=${format}`, signal), () => {});
    } catch (error) {
      this.app.fail(error);
      return null;
    } finally {
      card.busy = false;
      this.app.draw();
    }
  }

  /** @param {SessionCard} card */
  async copy(card) {
    const blob = await this.text(card, "md");
    if (blob) await this.app.copy(await blob.text());
  }

  /** @param {SessionCard} card @param {"md"|"json"} format */
  async save(card, format) {
    const blob = await this.text(card, format);
    const name = `${card.session?.project ?? "session"}-${card.session?.session_id.slice(0, 8) ?? ""}`.replace(/[^\w.-]+/g, "_");
    if (blob) await this.app.save(`${name}.${format}`, blob);
  }

  /** @param {SessionCard} card */
  async remove(card) {
    if (document.getElementById("remove")?.getAttribute("aria-disabled") === "true") return;
    const text = "Its prompts, tool calls and summary are deleted for good. What was decided stays in the approval audit.";
    const yes = await this.app.confirm({ title: "Delete this session?", text, verb: "Delete", risky: true });
    if (!yes) return focusOn("#remove");
    if ((await this.app.try("DELETE", card.path)) === null) return focusOn("#remove");
    this.feed.patch((s) => s.key === card.key, () => null);
    if (this.feed.total !== null) this.feed.total -= 1;
    this.app.say("Session deleted. Its decisions stay in the audit.", "ok");
    if (this.card === card) this.close();
  }
}
