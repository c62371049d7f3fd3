/**
 * What is read of one session that somebody looks at: itself, its figures, its summary, what it asked.
 * An answer for a session that is looked at no more is not heard.
 *
 * @typedef {import("./wire").Session} Session
 * @typedef {import("./wire").Approval} Approval
 * @typedef {import("./wire").Summary} Summary
 * @typedef {import("./wire").About["stats"]} Stats
 * @typedef {(method: string, path: string, body?: unknown, signal?: AbortSignal) => Promise<any>} Ask
 */

/** So many of its requests are listed beside it. */
const ASKED = 12;
/** Claude may take long to write. */
const WRITING_MS = 180_000;

export class SessionCard {
  /** @param {Ask} ask @param {() => void} changed @param {string} key */
  constructor(ask, changed, key) {
    this.ask = ask;
    this.tell = changed;
    this.key = key;
    this.over = new AbortController();
    /** @type {"loading"|"ready"|"failed"} */ this.state = "loading";
    this.error = "";
    /** @type {Session|null} */ this.session = null;
    this.live = false;
    /** @type {Stats|null} */ this.stats = null;
    /** @type {Summary|null} */ this.summary = null;
    /** @type {"off"|"none"|"running"|"ready"|"failed"} */ this.summaryState = "none";
    this.summaryError = "";
    /** @type {Approval[]} */ this.asked = [];
    this.moreAsked = false;
    /** An export is on its way. */ this.busy = false;
  }

  get path() {
    return `/sessions/${encodeURIComponent(this.key)}`;
  }

  async load() {
    this.state = "loading";
    await Promise.all([this.readSession(), this.readSummary(), this.readAsked()]);
  }

  /** Nobody looks at it any more. */
  leave() {
    this.over.abort();
  }

  changed() {
    if (!this.over.signal.aborted) this.tell();
  }

  /** @param {string} method @param {string} path @param {number} [patience] */
  read(method, path, patience = 15_000) {
    return this.ask(method, path, undefined, AbortSignal.any([this.over.signal, AbortSignal.timeout(patience)]));
  }

  async readSession() {
    try {
      const answer = await this.read("GET", this.path);
      Object.assign(this, { session: answer.session, live: answer.live, stats: answer.stats, state: "ready" });
      this.summary ??= answer.summary ?? null;
    } catch (error) {
      this.state = "failed";
      this.error = said(error);
    }
    this.changed();
  }

  async readSummary() {
    // A daemon without summaries shows none.
    const answer = await this.read("GET", `${this.path}/summary`).catch(() => null);
    if (answer) this.takeSummary(answer);
    this.changed();
  }

  /** @param {any} answer */
  takeSummary(answer) {
    this.summary = answer.summary ?? this.summary;
    this.summaryState = answer.state;
    this.summaryError = answer.error ?? "";
  }

  async summarize() {
    if (this.summaryState === "running") return;
    Object.assign(this, { summaryState: "running", summaryError: "" });
    this.changed();
    try {
      this.takeSummary(await this.read("POST", `${this.path}/summary`, WRITING_MS));
    } catch (error) {
      Object.assign(this, { summaryState: "failed", summaryError: said(error) });
    }
    this.changed();
  }

  async readAsked() {
    const query = new URLSearchParams({ session: this.key, limit: String(ASKED) });
    const answer = await this.read("GET", `/audit?${query}`).catch(() => null);
    if (!answer) return;
    this.asked = answer.approvals;
    this.moreAsked = answer.next !== null && answer.next !== undefined;
    this.changed();
  }

  /** A request of this session was decided, or is new. @param {Approval} approval */
  hear(approval) {
    if (approval.session !== this.key) return;
    this.asked = [approval, ...this.asked.filter((a) => a.id !== approval.id)].sort((a, b) => b.opened - a.opened).slice(0, ASKED);
  }
}

/** @param {unknown} error */
function said(error) {
  return error instanceof Error ? error.message : String(error);
}
