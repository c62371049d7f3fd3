/** What one can do with a session: say something of it, give it to somebody, forget it. */

/**
 * @typedef {import("../app.js").App} App
 * @typedef {import("../wire").Session} Session
 */

import { collect } from "../download.js";

/** @param {string} key @param {string} rest */
export function path(key, rest = "") {
  return `/sessions/${encodeURIComponent(key)}${rest}`;
}

/** @param {App} app @param {Session} s */
export function pin(app, s) {
  return app.try("POST", path(s.key, "/pin"), { on: !s.pinned });
}

/** Hides it until it needs the user again. @param {App} app @param {Session} s */
export async function dismiss(app, s) {
  const done = await app.try("POST", path(s.key, "/dismiss"), { on: !s.dismissed });
  if (done && !s.dismissed) app.say("Hidden until it needs you again", "info", { label: "Undo", run: () => void app.try("POST", path(s.key, "/dismiss"), { on: false }) });
}

/** @param {App} app @param {Session} s */
export function seen(app, s) {
  return app.try("POST", path(s.key, "/seen"));
}

/** @param {App} app @param {Session} s @param {string} text */
export function tag(app, s, text) {
  return app.try("POST", path(s.key, "/tag"), { text: text.trim() || null });
}

/** @param {App} app @param {Session} s */
export async function forget(app, s) {
  const yes = await app.confirm({
    title: "Delete this session?",
    text: "Its prompts, messages, tool calls and summary are removed from ccmon for good. What was approved and denied stays in the audit log, and Claude’s own transcript is not touched.",
    verb: "Delete",
    risky: true,
  });
  if (!yes || !(await app.try("DELETE", path(s.key)))) return false;
  app.say("Deleted", "ok");
  return true;
}

/** What is being given out, or nothing. */
export class Export {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.bytes = 0;
    /** @type {AbortController|null} */ this.running = null;
  }

  cancel() {
    this.running?.abort();
  }

  /** @param {Session} s @param {"md"|"json"} format @param {"file"|"clipboard"} to */
  async run(s, format, to) {
    this.cancel();
    const stop = (this.running = new AbortController());
    this.bytes = 0;
    this.app.draw();
    try {
      const answer = await this.app.stream(path(s.key, `/export?format=${format}`), stop.signal);
      const blob = await collect(answer, (piece) => {
        this.bytes += piece.length;
        this.app.draw();
      });
      if (to === "clipboard") await this.app.copy(await blob.text());
      else await this.app.save(fileName(s, format), blob);
    } catch (error) {
      this.app.fail(error);
    }
    if (this.running === stop) this.running = null;
    this.app.draw();
  }
}

/** A plain name: nothing of it comes from outside but letters and digits. @param {Session} s @param {string} format */
export function fileName(s, format) {
  const project = s.project.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-.]+/, "").slice(0, 60) || "session";
  return `${project}-${new Date(s.started).toISOString().slice(0, 10)}-${s.session_id.replace(/[^A-Za-z0-9]/g, "").slice(0, 8)}.${format}`;
}

/** `312 kB`. @param {number} n */
export function size(n) {
  return n < 1_000_000 ? `${Math.round(n / 1000)} kB` : `${(n / 1_000_000).toFixed(1)} MB`;
}
