/**
 * What is read of one session that is looked at beside the rows: itself, its figures, its summary, what it asked.
 * An answer for a session that nobody looks at any more is not heard.
 *
 * @typedef {import("./app.js").App} App
 * @typedef {import("./parts/requests.js").Approval} Approval
 */

import { address } from "./feed.js";
import { Export, path } from "./parts/session-acts.js";

/** So many of its requests are listed beside it. */
const ASKED = 12;
const PATIENCE_MS = 15_000;
/** Claude may take long to write. */
const WRITING_MS = 180_000;

export class SessionCard {
  /** @param {App} app @param {string} key */
  constructor(app, key) {
    this.app = app;
    this.key = key;
    this.over = new AbortController();
    this.error = "";
    /** @type {import("./wire").About|null} */ this.about = null;
    /** @type {import("./parts/session-facts.js").Told|null} */ this.told = null;
    /** Newest first. @type {Approval[]} */ this.asked = [];
    this.moreAsked = false;
    this.exports = new Export(app);
  }

  /** As it stands now. */
  get session() {
    return this.about ? (this.app.board.sessions.get(this.key) ?? this.about.session) : null;
  }

  /** Whether it still runs: only what is over is deleted. */
  get lives() {
    const now = this.app.board.sessions.get(this.key);
    return now ? now.state !== "ended" : (this.about?.live ?? true);
  }

  load() {
    this.error = "";
    return Promise.all([this.readSession(), this.readSummary(), this.readAsked()]);
  }

  /** Nobody looks at it any more. */
  leave() {
    this.over.abort();
    this.exports.cancel();
  }

  changed() {
    if (!this.over.signal.aborted) this.app.draw();
  }

  /** @param {string} method @param {string} from @param {number} [patience] */
  read(method, from, patience = PATIENCE_MS) {
    return this.app.ask(method, from, undefined, AbortSignal.any([this.over.signal, AbortSignal.timeout(patience)]));
  }

  async readSession() {
    try {
      this.about = await this.read("GET", path(this.key));
    } catch (error) {
      this.error = said(error);
    }
    this.changed();
  }

  async readSummary() {
    // A daemon that writes none shows none.
    this.told = await this.read("GET", path(this.key, "/summary")).catch(() => null);
    this.changed();
  }

  async summarize() {
    const summary = this.told?.summary ?? null;
    this.told = { summary, state: "running", error: null };
    this.changed();
    this.told = await this.read("POST", path(this.key, "/summary"), WRITING_MS).catch((error) => ({ summary, state: /** @type {const} */ ("failed"), error: said(error) }));
    this.changed();
  }

  async readAsked() {
    const answer = await this.read("GET", address("/audit", { session: this.key, limit: String(ASKED) })).catch(() => null);
    if (!answer) return;
    this.asked = answer.approvals;
    this.moreAsked = typeof answer.next === "string";
    this.changed();
  }

  /** A request was decided, or is new. @param {Approval} approval */
  hear(approval) {
    if (approval.session !== this.key) return;
    this.asked = [approval, ...this.asked.filter((a) => a.id !== approval.id)].sort((a, b) => b.opened - a.opened).slice(0, ASKED);
  }
}

/** @param {unknown} error */
function said(error) {
  return error instanceof Error ? error.message : String(error);
}
