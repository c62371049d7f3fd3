/**
 * What every tab is given: the picture, the address, and the ways to ask, go, say and save.
 *
 * @typedef {import("./board.js").Board} Board
 * @typedef {import("./route.js").Route} Route
 * @typedef {{
 *   id: string, title: string, icon: string, hidden?: boolean,
 *   view: (app: App) => unknown,
 *   enter?: (app: App) => void,
 *   moved?: (app: App) => void,
 *   leave?: (app: App) => void,
 *   frame?: (frame: any, app: App) => void,
 *   drawn?: (app: App) => void,
 *   key?: (event: KeyboardEvent, app: App) => boolean,
 *   keys?: [string, string][],
 * }} Tab  `hidden`: not in the bar. `moved`: the address changed within the tab. `frame`: also `{type: "lost"}`, when
 *   the daemon is. `drawn`: what it draws is on the page. `key` says whether it was one of its own.
 */

import { Problem, ask, listen, open, retry, tell } from "./carrier.js";
import { empty, fold } from "./board.js";
import { plain } from "./parts/escapes.js";
import { act } from "./parts/preview.js";
import { format, parse } from "./route.js";

export class App {
  /** @param {Tab[]} tabs @param {() => void} draw draws everything anew; called at most once a frame */
  constructor(tabs, draw) {
    this.tabs = tabs;
    /** @type {Board} */ this.board = empty();
    /** @type {Route} */ this.route = parse(location.hash);
    /** `out`: this browser is not signed in. @type {"connecting"|"live"|"lost"|"out"} */ this.link = "connecting";
    /** When the lost daemon is asked for again, ms since the epoch. */ this.next = 0;
    /** When the daemon was last heard, ms since the epoch. */ this.heard = 0;
    /** The daemon's clock minus ours, ms. */ this.skew = 0;
    /** @type {{id: number, text: string, kind: "ok"|"bad"|"info", action?: {label: string, run: () => void}}[]} */ this.toasts = [];
    /** The open dialog, which `answer` closes. @type {{title: string, text: unknown, verb: string, risky: boolean, answer: (yes: boolean) => void}|null} */ this.dialog = null;
    /** Whether the list of keys is open. */ this.help = false;
    /** The home directory, so that paths under it can begin with `~`; empty when nobody said. */ this.home = "";
    /** What a screen reader is told. */ this.spoken = "";
    this.waiting = false;
    this.paint = draw;
  }

  start() {
    addEventListener("hashchange", () => this.moved());
    listen({ frame: (frame) => this.hear(frame), lost: (next) => this.lose(next) });
    this.moved();
  }

  /** The tab that is open. @returns {Tab} */
  get tab() {
    return this.tabs.find((t) => t.id === this.route.tab) ?? this.tabs[0];
  }

  /** The daemon's time of day, ms since the epoch. */
  now() {
    return Date.now() + this.skew;
  }

  /** Draws at the next frame, however often it is asked. */
  draw() {
    if (this.waiting) return;
    this.waiting = true;
    const paint = () => {
      if (!this.waiting) return;
      this.waiting = false;
      this.paint();
    };
    // A hidden page gets no frames.
    document.hidden ? setTimeout(paint, 100) : requestAnimationFrame(paint);
  }

  /** Draws at once: what is typed next already belongs to what is shown then. */
  drawNow() {
    this.waiting = false;
    this.paint();
  }

  /** @param {any} frame */
  hear(frame) {
    if (frame.type === "snapshot") this.greet(frame);
    // The tray's window has written what `save` gave it.
    if (frame.type === "saved") return frame.error ? this.say(frame.error, "bad") : this.say(`Saved as ${frame.path}`, "ok");
    this.heard = Date.now();
    this.board = fold(this.board, frame);
    if (frame.type === "approval_pending") this.speak(asks(frame.approval));
    this.tab.frame?.(frame, this);
    this.draw();
  }

  /** @param {any} frame */
  greet(frame) {
    // Another version's pages may not understand this daemon.
    if (this.board.version && frame.version && frame.version !== this.board.version) return location.reload();
    this.link = "live";
    this.skew = frame.now - Date.now();
    if (!this.home) void this.settleIn();
  }

  /** Where the daemon's own files are tells which directory is home. */
  async settleIn() {
    const about = await ask("GET", "/about").catch(() => null);
    this.home = homeOf(Object.values(about?.paths ?? {}));
    // Whoever was led somewhere goes there.
    if (about?.welcome && !location.hash) location.replace("#/welcome");
    this.draw();
  }

  /** @param {number} next */
  lose(next) {
    const known = this.link === "lost" || this.link === "out";
    if (!known) {
      this.link = "lost";
      this.tab.frame?.({ type: "lost" }, this);
      void this.whetherOut();
    }
    this.next = next;
    this.draw();
  }

  /** A daemon that answers, but not to this browser. */
  async whetherOut() {
    const status = await ask("GET", "/approvals").then(() => 200, (error) => (error instanceof Problem ? error.status : 0));
    if (status !== 401 || this.link !== "lost") return;
    this.link = "out";
    this.draw();
  }

  /** Asks for the lost daemon now. */
  retry() {
    retry();
  }

  /** The time that the page shows: a lost daemon's stands still. */
  shownTime() {
    return this.link === "lost" || this.link === "out" ? this.heard + this.skew : this.now();
  }

  /** To whoever hears the page. @param {string} words */
  speak(words) {
    this.spoken = words;
  }

  /**
   * Asks the daemon; what it says is said, when nobody else does.
   * @param {string} method @param {string} path @param {unknown} [body] @param {AbortSignal} [signal]
   */
  ask(method, path, body, signal) {
    return ask(method, path, body, signal);
  }

  /** The same, and a failure is shown; null then. @param {string} method @param {string} path @param {unknown} [body] */
  async try(method, path, body) {
    try {
      return (await ask(method, path, body)) ?? {};
    } catch (error) {
      this.fail(error);
      return null;
    }
  }

  /** @param {string} path @param {AbortSignal} signal */
  stream(path, signal) {
    return open("GET", path, undefined, signal);
  }

  /** @param {unknown} error */
  fail(error) {
    if (error instanceof DOMException && error.name === "AbortError") return;
    this.say(error instanceof Problem ? error.message : String(error), "bad");
  }

  /** Goes somewhere else: back leads here. @param {string} tab @param {string[]} [path] @param {Record<string, string>} [query] */
  go(tab, path = [], query = {}) {
    location.hash = format({ tab, path, query });
  }

  /** Other filters at the same place: back does not lead through them. @param {Record<string, string>} query */
  filter(query) {
    history.replaceState(null, "", format({ ...this.route, query: { ...this.route.query, ...query } }));
    this.moved();
  }

  /** Another place in the tab, where back does not lead to this one. @param {string[]} path */
  replace(path) {
    history.replaceState(null, "", format({ ...this.route, path }));
    this.route = { ...this.route, path };
  }

  moved() {
    const before = this.tab;
    const first = !this.entered;
    this.route = parse(location.hash);
    this.entered = true;
    if (this.tab !== before || first) {
      if (!first) before.leave?.(this);
      this.tab.enter?.(this);
    }
    this.tab.moved?.(this);
    this.draw();
  }

  /** Says something in the corner. @param {string} text @param {"ok"|"bad"|"info"} [kind] @param {{label: string, run: () => void}} [action] */
  say(text, kind = "info", action) {
    const toast = { id: performance.now(), text, kind, action };
    this.toasts = [...this.toasts.slice(-3), toast];
    // What went wrong takes longer to read, and who may take something back has to see it first.
    setTimeout(() => this.unsay(toast.id), kind === "bad" || action ? 12_000 : 5_000);
    this.draw();
  }

  /** @param {number} id */
  unsay(id) {
    this.toasts = this.toasts.filter((t) => t.id !== id);
    this.draw();
  }

  /** Asks the user whether to go on. @param {{title: string, text: unknown, verb: string, risky?: boolean}} question @returns {Promise<boolean>} */
  confirm({ title, text, verb, risky = false }) {
    this.dialog?.answer(false);
    return new Promise((resolve) => {
      const answer = (/** @type {boolean} */ yes) => {
        this.dialog = null;
        this.draw();
        resolve(yes);
      };
      this.dialog = { title, text, verb, risky, answer };
      this.draw();
    });
  }

  /** Gives the user a file. @param {string} name @param {Blob} blob */
  async save(name, blob) {
    if (tell({ type: "save", name, text: await blob.text() })) return;
    const url = URL.createObjectURL(blob);
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  /** @param {string} text */
  async copy(text) {
    const done = tell({ type: "copy", text }) || (await navigator.clipboard.writeText(text).then(() => true, () => false));
    this.say(done ? "Copied" : "The browser did not let the page copy", done ? "ok" : "bad");
  }
}

/** What a screen reader hears of a new request. @param {import("./wire").Approval} a */
function asks(a) {
  return `${plain(a.project)} asks: ${act(a)}`;
}

/** @param {unknown[]} paths */
function homeOf(paths) {
  const found = paths.map((path) => /^(\/.+)\/\.(?:config|local\/state)\/ccmon(?:\/|$)/.exec(String(path))?.[1]);
  return found.find(Boolean) ?? "";
}
