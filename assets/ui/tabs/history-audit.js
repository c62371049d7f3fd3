/** History › Approval audit: what is asked of the daemon, what is new, and what is taken away as a file. */

import { html } from "../vendor/lit-html/lit-html.js";
import { Download } from "../download.js";
import { Feed, address, since } from "../feed.js";
import { drawer } from "../parts/audit-drawer.js";
import * as listed from "../parts/audit-list.js";
import { Finder } from "../parts/filters.js";
import { focusOn, near, toTop } from "../parts/rows.js";

/**
 * @typedef {import("../app.js").App} App
 * @typedef {import("../parts/requests.js").Approval} Approval
 */

const PAGE = "50";

export class Audit {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    const ask = (/** @type {string} */ path, /** @type {AbortSignal} */ signal) => app.ask("GET", path, undefined, signal);
    /** @type {import("../feed.js").Feed<Approval>} */
    this.feed = new Feed(ask, "/audit", "approvals", () => app.draw());
    this.finder = new Finder((q) => app.filter({ q }));
    this.shown = "";
    /** @type {import("../parts/audit-list.js").Counts|null} */ this.counts = null;
    /** @type {AbortController|null} */ this.counting = null;
    /** Every tool that was counted, whatever the filter is now. @type {string[]} */ this.tools = [];
    /** Decided since the rows were read. @type {Set<string>} */ this.news = new Set();
    /** The one that is looked at. @type {{id: string, approval: Approval|null, error: string}|null} */ this.one = null;
    /** @type {Download|null} */ this.download = null;
    this.at = "";
  }

  /** @param {import("../parts/filters.js").Choices} projects @param {unknown} views */
  view(projects, views) {
    const down = () => focusOn("a.rowlink[tabindex='0']");
    const { csv, json, cancel, renew } = this.acts();
    return html`<div class="hist audits" data-open=${this.one ? "yes" : "no"}>
      <div class="filters">${views}${listed.filters(this.app, this.finder, { projects, tools: this.tools }, down)}</div>
      ${listed.tallies(this.counts, this.news.size, this.download, { csv, json, cancel, renew })}
      <div class="panes beside">${listed.list(this.app, this.feed, this.one?.id ?? "", this.at, (id) => this.reached(id))}
        ${this.one ? drawer(this.app, this.one, { close: () => this.close(), again: () => void this.read() }) : ""}</div>
    </div>`;
  }

  acts() {
    return {
      renew: () => this.renew(),
      csv: () => void this.take("csv"),
      json: () => void this.take("json"),
      cancel: () => this.download?.cancel(),
    };
  }

  /** What the filters ask for. @returns {Record<string, string>} */
  query() {
    const { days = "", ...rest } = this.app.route.query;
    const named = listed.FILTERS.filter((f) => f !== "days").map((f) => [f, rest[f] ?? ""]);
    return { ...Object.fromEntries(named), since: since(days, this.app.now()) };
  }

  moved() {
    const { query, path } = this.app.route;
    this.finder.told(query.q ?? "");
    const wanted = JSON.stringify(listed.FILTERS.map((f) => query[f] ?? ""));
    if (wanted !== this.shown) void this.load();
    this.shown = wanted;
    this.look(path[1] ?? "");
  }

  load() {
    const query = this.query();
    this.news = new Set();
    void this.count(query);
    return this.feed.load({ ...query, limit: PAGE });
  }

  /** @param {Record<string, string>} query */
  async count(query) {
    this.counting?.abort();
    const mine = (this.counting = new AbortController());
    const signal = AbortSignal.any([mine.signal, AbortSignal.timeout(15_000)]);
    const counts = await this.app.ask("GET", address("/audit/counts", query), undefined, signal).catch(() => null);
    if (this.counting !== mine) return;
    this.counts = counts;
    const tools = (counts?.tools ?? []).map((/** @type {{tool: string}} */ t) => t.tool);
    this.tools = [...new Set([...this.tools, ...tools])].sort();
    this.app.draw();
  }

  /** @param {string} id */
  look(id) {
    if (id === (this.one?.id ?? "")) return;
    this.one = id ? { id, approval: this.known(id), error: "" } : null;
    if (id) this.at = id;
    if (this.one && !this.one.approval) void this.read();
  }

  /** @param {string} id */
  known(id) {
    return this.feed.rows.find((a) => a.id === id) ?? this.app.board.pending.get(id) ?? null;
  }

  async read() {
    const one = this.one;
    if (!one) return;
    one.error = "";
    try {
      one.approval = await this.app.ask("GET", `/approvals/${encodeURIComponent(one.id)}`);
    } catch (error) {
      one.error = error instanceof Error ? error.message : String(error);
    }
    if (this.one === one) this.app.draw();
  }

  /** @param {string} id */
  reached(id) {
    if (!id || id === this.at) return;
    this.at = id;
    this.app.draw();
  }

  drawn() {
    if (this.feed.state === "ready") near(this.feed);
  }

  leave() {
    this.feed.stop();
    this.counting?.abort();
    this.one = null;
    this.shown = "";
  }

  /** What is decided now joins at the top, but only when asked: no row moves by itself. @param {any} frame */
  frame(frame) {
    if (frame.type === "snapshot" && this.feed.state === "failed") void this.load();
    if (frame.type !== "approval_resolved") return;
    const a = /** @type {Approval} */ (frame.approval);
    if (this.one?.id === a.id) this.one.approval = a;
    const there = this.feed.patch((row) => row.id === a.id, () => a);
    if (!there && fits(a, this.app.route.query)) this.news.add(a.id);
  }

  renew() {
    this.at = "";
    void this.load().then(toTop);
  }

  close() {
    this.app.go("history", ["audit"], this.app.route.query);
    focusOn("a.rowlink[tabindex='0']");
  }

  /** @param {"csv"|"json"} format */
  async take(format) {
    if (this.download) return;
    const mine = (this.download = new Download(format, this.counts?.total ?? 0));
    const path = address("/audit/export", { format, ...this.query() });
    focusOn("#cancel");
    this.app.draw();
    try {
      const blob = await mine.read((signal) => this.app.stream(path, signal), () => this.app.draw());
      this.app.speak(blob ? "The export is ready" : "The export is cancelled");
      if (blob) await this.app.save(`ccmon-audit-${new Date(this.app.now()).toISOString().slice(0, 10)}.${format}`, blob);
    } catch (error) {
      this.app.fail(error);
    }
    const held = document.activeElement?.id === "cancel";
    this.download = null;
    this.app.draw();
    if (held) focusOn("#csv");
  }
}

/** Whether a request is one that the filters show; words are looked for as they stand. @param {Approval} a @param {Record<string, string>} query */
export function fits(a, query) {
  const { q = "", decision = "", by = "", tool = "", project = "", session = "" } = query;
  const same = (/** @type {string} */ wanted, /** @type {string|undefined} */ is) => wanted === "" || wanted === is;
  if (!same(decision, a.outcome ?? "pending") || !same(by, a.by) || !same(tool, a.tool) || !same(project, a.project) || !same(session, a.session)) return false;
  if (q === "") return true;
  const text = JSON.stringify(a.input).toLowerCase();
  return q.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}
