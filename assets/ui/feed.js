/**
 * A list that comes page by page. Only the newest question counts: an older one is given up, and what it
 * answers all the same is not heard. Until the new rows are there the old ones stay.
 *
 * @template {object} T
 */
export class Feed {
  /**
   * @param {(path: string, signal: AbortSignal) => Promise<any>} ask
   * @param {string} path @param {string} list what the rows are called in the answer
   * @param {() => void} changed
   */
  constructor(ask, path, list, changed) {
    this.ask = ask;
    this.path = path;
    this.list = list;
    this.changed = changed;
    /** @type {T[]} */ this.rows = [];
    /** @type {string|null} */ this.next = null;
    /** @type {number|null} */ this.total = null;
    /** More matched than were ranked. */ this.partial = false;
    /** @type {"new"|"loading"|"ready"|"more"|"failed"} `failed` with rows: the next page did not come */ this.state = "new";
    this.error = "";
    /** @type {Record<string, string>} */ this.query = {};
    /** @type {AbortController|null} */ this.asking = null;
  }

  /** Asks from the beginning. @param {Record<string, string>} query */
  load(query) {
    this.query = query;
    this.state = "loading";
    return this.page(null);
  }

  /** The next page, when there is one and none is on its way. */
  more() {
    if (this.next === null || this.state === "loading" || this.state === "more") return;
    this.state = "more";
    return this.page(this.next);
  }

  /** Tries again what failed. */
  retry() {
    return this.rows.length > 0 && this.next !== null ? this.more() : this.load(this.query);
  }

  stop() {
    this.asking?.abort();
    this.asking = null;
    if (this.state === "more") this.state = "ready";
  }

  /** @param {string|null} cursor */
  async page(cursor) {
    this.asking?.abort();
    const mine = (this.asking = new AbortController());
    const signal = AbortSignal.any([mine.signal, AbortSignal.timeout(PATIENCE_MS)]);
    this.changed();
    try {
      const answer = await this.ask(address(this.path, { ...this.query, cursor: cursor ?? "" }), signal);
      if (this.asking === mine) this.take(answer, cursor !== null);
    } catch (error) {
      if (this.asking === mine) this.fail(error, cursor !== null);
    }
    if (this.asking === mine) this.changed();
  }

  /** @param {any} answer @param {boolean} further */
  take(answer, further) {
    this.rows = further ? [...this.rows, ...this.unseen(answer[this.list])] : answer[this.list];
    this.next = answer.next ?? null;
    this.total = answer.total ?? (further ? this.total : null);
    this.partial = answer.partial ?? false;
    this.error = "";
    this.state = "ready";
  }

  /** What is found may be found again further on, when more of it happened meanwhile. @param {any[]} rows */
  unseen(rows) {
    const name = (/** @type {any} */ row) => row.key ?? row.id;
    const seen = new Set(this.rows.map(name));
    return rows.filter((row) => !seen.has(name(row)));
  }

  /** @param {unknown} error @param {boolean} further */
  fail(error, further) {
    this.error = error instanceof Error ? error.message : String(error);
    this.state = "failed";
    // Rows of another question would be taken for answers to this one.
    if (!further) this.rows = [];
  }

  /** Puts a row in the place of the one it is the news of; false when it is not there. @param {(row: T) => boolean} is @param {(row: T) => T|null} change null: take it out */
  patch(is, change) {
    const at = this.rows.findIndex(is);
    if (at < 0) return false;
    const row = change(this.rows[at]);
    this.rows = row ? this.rows.with(at, row) : this.rows.toSpliced(at, 1);
    return true;
  }
}

/** An answer that takes longer does not come. */
const PATIENCE_MS = 15_000;

/** What is empty is not asked for. @param {string} path @param {Record<string, string>} query */
export function address(path, query) {
  const said = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "")).toString();
  return said ? `${path}?${said}` : path;
}

/** The beginning of the last so many days, as the API wants it. @param {string} days "" for any @param {number} now */
export function since(days, now) {
  const n = Number(days);
  return Number.isInteger(n) && n > 0 ? String(Math.max(0, Math.floor(now - n * 86_400_000))) : "";
}
