/**
 * What a session did, piece by piece: the pieces put together (pure), and the keeper that fetches them.
 *
 * @typedef {import("./wire").Timeline} Timeline
 * @typedef {import("./wire").Turn} Turn
 * @typedef {import("./wire").Item} Item
 * @typedef {import("./app.js").App} App
 */

/** How many events are fetched at first and again with each change; and how many more when asked for earlier ones. */
const TAIL = 80;
const MORE = 250;
/** The tail is not fetched more often, ms. */
const REST = 300;

/** @returns {Timeline} */
export function blank() {
  return { turns: [], earlier: null, last: null };
}

/** The newest piece, laid over what is known; alone, when something may be missing between them. @param {Timeline} known @param {Timeline} tail @returns {Timeline} */
export function append(known, tail) {
  if (known.turns.length === 0 || known.last === null) return tail;
  if (tail.earlier !== null && tail.earlier > known.last) return tail;
  return { turns: alike(known.turns, join(known.turns, tail.turns)), earlier: known.earlier, last: tail.last };
}

/** What was before, put in front. @param {Timeline} known @param {Timeline} older @returns {Timeline} */
export function prepend(known, older) {
  return { ...known, turns: alike(known.turns, join(older.turns, known.turns)), earlier: older.earlier };
}

/** Turns and items have the same number on every page they stand on; the later page knows more of them. @param {Turn[]} earlier @param {Turn[]} later */
function join(earlier, later) {
  const turns = new Map(earlier.map((t) => [t.id, t]));
  for (const turn of later) {
    const known = turns.get(turn.id);
    turns.set(turn.id, known ? { ...turn, prompt: turn.prompt ?? known.prompt, items: joinItems(known.items, turn.items) } : turn);
  }
  return [...turns.values()].sort((a, b) => a.id - b.id);
}

/** @param {Item[]} earlier @param {Item[]} later @returns {Item[]} */
function joinItems(earlier, later) {
  const items = new Map(earlier.map((i) => [i.id, i]));
  for (const item of later) {
    const known = items.get(item.id);
    items.set(item.id, known && known.items.length ? { ...item, items: joinItems(known.items, item.items) } : item);
  }
  return [...items.values()].sort((a, b) => a.at - b.at || a.id - b.id);
}

/** The new list, but with the old objects wherever they say the same: what did not change is not drawn again. @param {Turn[]} before @param {Turn[]} now */
function alike(before, now) {
  const old = new Map(before.map((t) => [t.id, t]));
  return now.map((turn) => {
    const was = old.get(turn.id);
    if (!was || was === turn) return turn;
    const items = same(was.items, turn.items);
    const equal = items.length === was.items.length && items.every((item, i) => item === was.items[i]);
    return equal && was.ended === turn.ended && was.outcome === turn.outcome && was.prompt === turn.prompt ? was : { ...turn, items };
  });
}

/** @param {Item[]} before @param {Item[]} now */
function same(before, now) {
  const old = new Map(before.map((i) => [i.id, i]));
  return now.map((item) => {
    const was = old.get(item.id);
    return was && (was === item || JSON.stringify(was) === JSON.stringify(item)) ? was : item;
  });
}

/** The last few things done before a moment, newest last. @param {Turn[]} turns @param {number} at @param {number} most */
export function lately(turns, at, most) {
  const done = turns.flatMap((t) => t.items).filter((i) => (i.kind === "tool" || i.kind === "agent") && i.at <= at && i.ended !== null);
  return done.slice(-most);
}

/** @typedef {"all"|"prompts"|"tools"} Part */

/** What of a turn is to be seen. @param {Item[]} items @param {Part} part */
export function only(items, part) {
  if (part === "all") return items;
  return part === "prompts" ? [] : items.filter((i) => i.kind !== "message" && i.kind !== "notice");
}

/** One session's story, as far as it was fetched. */
export class Story {
  /** @param {App} app @param {string} key */
  constructor(app, key) {
    this.app = app;
    this.path = `/sessions/${encodeURIComponent(key)}/timeline`;
    this.told = blank();
    /** @type {"loading"|"ready"|"failed"} */ this.state = "loading";
    this.error = "";
    this.older = false;
    this.until = new AbortController();
    this.timer = 0;
    this.asked = 0;
    this.asking = false;
    this.stale = false;
    void this.fetch();
  }

  close() {
    this.until.abort();
    clearTimeout(this.timer);
  }

  /** Something happened in the session. */
  touch() {
    if (this.asking) return void (this.stale = true);
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.fetch(), Math.max(0, this.asked + REST - performance.now()));
  }

  async fetch() {
    this.asking = true;
    this.stale = false;
    this.asked = performance.now();
    try {
      const tail = await this.app.ask("GET", `${this.path}?limit=${TAIL}`, undefined, this.until.signal);
      // What came from before meanwhile stays.
      this.told = append(this.told, tail);
      this.state = "ready";
    } catch (error) {
      this.fail(error);
    }
    this.asking = false;
    if (this.until.signal.aborted) return;
    if (this.stale) this.touch();
    this.app.draw();
  }

  /** What was before that which is known. */
  async more() {
    const before = this.told.earlier;
    if (this.older || before === null) return;
    this.older = true;
    this.app.draw();
    try {
      const older = await this.app.ask("GET", `${this.path}?before=${before}&limit=${MORE}`, undefined, this.until.signal);
      // Unless all of it was replaced meanwhile: then something would be missing between them.
      if (this.told.earlier === before) this.told = prepend(this.told, older);
    } catch (error) {
      this.app.fail(error);
    }
    this.older = false;
    this.app.draw();
  }

  /** @param {unknown} error */
  fail(error) {
    if (this.until.signal.aborted || this.told.turns.length) return;
    this.state = "failed";
    this.error = error instanceof Error ? error.message : String(error);
  }
}
