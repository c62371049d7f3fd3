/** The session that the dashboard shows in full: its requests, its story, its facts, and what stands open of it. */

import { Problem } from "./carrier.js";
import { Decider } from "./decider.js";
import { Export, forget, path } from "./parts/session-acts.js";
import { Story } from "./story.js";

/** @typedef {import("./app.js").App} App */

/** Nearer to its end than this is at the end, px. */
const NEAR = 12;
/** Facts are not fetched more often, ms. */
const REST = 2_000;

export class Page {
  /** @param {App} app @param {string} key */
  constructor(app, key) {
    this.app = app;
    this.key = key;
    this.decider = new Decider((a) => a.session === key);
    this.story = new Story(app, key);
    this.exports = new Export(app);
    /** @type {import("./wire").About|null} */ this.about = null;
    /** @type {import("./parts/session-facts.js").Told|null} */ this.told = null;
    /** As it was last seen. @type {import("./wire").Session|null} */ this.last = null;
    /** The daemon does not know it. */ this.missing = false;
    /** @type {import("./story.js").Part} */ this.part = "all";
    /** @type {Set<number>} */ this.open = new Set();
    this.tagging = false;
    /** It was drawn before. */ this.shown = false;
    /** What the focus goes to once it is drawn. */ this.wanted = "";
    /** Whether its end is on the screen, and was scrolled to. */ this.atEnd = false;
    /** Whether more is below, so far that a button leads there. */ this.below = false;
    /** What the pane showed last: where its earliest event was, and how far from its end it stood. */
    this.seen = { earlier: /** @type {number|null} */ (null), fromEnd: 0 };
    this.until = new AbortController();
    this.timer = 0;
    this.asked = -Infinity;
    this.decider.open(app);
    this.learn();
    void this.sum();
  }

  close() {
    this.decider.close();
    this.story.close();
    this.exports.cancel();
    this.until.abort();
    clearTimeout(this.timer);
  }

  /** @param {any} frame */
  hear(frame) {
    this.decider.sync();
    const about = frame.session?.key ?? frame.approval?.session ?? frame.event?.session ?? frame.key;
    if (frame.type !== "snapshot" && about !== this.key) return;
    this.story.touch();
    if (frame.type !== "event") this.learn();
    if (frame.type === "event" && frame.event?.kind === "ccmon.summary") void this.sum();
  }

  /** Fetches what is counted. */
  learn() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.count(), Math.max(0, this.asked + REST - performance.now()));
  }

  async count() {
    this.asked = performance.now();
    try {
      this.about = await this.app.ask("GET", path(this.key), undefined, this.until.signal);
    } catch (error) {
      this.missing = error instanceof Problem && error.status === 404;
    }
    this.app.draw();
  }

  async sum() {
    this.told = await this.app.ask("GET", path(this.key, "/summary"), undefined, this.until.signal).catch(() => null);
    this.app.draw();
  }

  async summarize() {
    this.told = { summary: this.told?.summary ?? null, state: "running", error: null };
    this.app.draw();
    // Claude takes its time.
    const told = await this.app.ask("POST", path(this.key, "/summary"), {}, this.until.signal).catch((error) => ({ summary: null, state: /** @type {const} */ ("failed"), error: error.message }));
    if (this.until.signal.aborted) return;
    this.told = told;
    this.app.draw();
  }

  async forget() {
    if (this.last && (await forget(this.app, this.last))) {
      this.last = null;
      this.app.hear({ type: "session_gone", key: this.key });
      this.app.go("sessions", [], this.app.route.query);
    }
  }

  /** @param {boolean} on */
  editTag(on) {
    if (this.tagging === on) return;
    this.tagging = on;
    this.wanted = on ? "tag" : "session-name";
    this.app.draw();
  }

  /** @param {import("./story.js").Part} part */
  show(part) {
    this.part = part;
    this.app.draw();
  }

  /** @param {number} id */
  toggle(id) {
    this.open = new Set(this.open);
    if (!this.open.delete(id)) this.open.add(id);
    this.app.draw();
  }

  /** It stays where it was: at its end, or at the same distance from it when earlier things came in above. */
  drawn() {
    this.decider.drawn();
    const pane = document.getElementById("detail");
    if (!pane) return;
    if (!this.shown) pane.scrollTop = 0;
    this.shown = true;
    const { earlier } = this.story.told;
    if (earlier !== this.seen.earlier && this.seen.earlier !== null) pane.scrollTop = pane.scrollHeight - this.seen.fromEnd;
    else if (this.atEnd) pane.scrollTop = pane.scrollHeight;
    this.seen.earlier = earlier;
    if (this.wanted) document.getElementById(this.wanted)?.focus();
    if (this.wanted === "tag") /** @type {HTMLInputElement|null} */ (document.getElementById("tag"))?.select();
    this.wanted = "";
    this.scrolled();
  }

  scrolled() {
    const pane = document.getElementById("detail");
    if (!pane) return;
    this.seen.fromEnd = pane.scrollHeight - pane.scrollTop;
    const rest = this.seen.fromEnd - pane.clientHeight;
    this.atEnd = pane.scrollTop > 0 && rest < NEAR;
    const below = rest > pane.clientHeight;
    if (below === this.below) return;
    this.below = below;
    this.app.draw();
  }

  toEnd() {
    const pane = document.getElementById("detail");
    if (pane) pane.scrollTop = pane.scrollHeight;
  }
}
