/** What the form of the request on the page wants to know of the daemon: asked for once, and told to the form. */

import { needs } from "./forms.js";
import { phase } from "./queue.js";

/** So long nothing was typed before it is asked for, ms. */
const STILL_MS = 150;

export class Wanted {
  /**
   * @param {(method: string, path: string, body?: unknown) => Promise<any>} ask asks the daemon
   * @param {(message: {type: string, [key: string]: any}) => void} step takes what came
   */
  constructor(ask, step) {
    this.ask = ask;
    this.step = step;
    this.now = "";
    this.timer = /** @type {ReturnType<typeof setTimeout>|undefined} */ (undefined);
  }

  /** After every step. @param {import("./queue.js").State} s */
  sync(s) {
    const a = phase(s) === "ask" && !s.sending ? s.face : null;
    const need = a ? needs(s.forms, a) : null;
    const now = a && need ? `${a.id} ${a.shown} ${need.key}` : "";
    if (now === this.now) return;
    this.now = now;
    clearTimeout(this.timer);
    if (a && need) this.timer = setTimeout(() => void this.fetch(a.id, now, need), need.method === "GET" ? 0 : STILL_MS);
  }

  /** @param {string} id @param {string} now @param {import("./forms.js").Need} need */
  async fetch(id, now, { key, method, path, body }) {
    const answer = await this.ask(method, path, body).then((value) => ({ ok: true, value }), () => ({ ok: false, value: null }));
    // Something else is wanted by now.
    if (this.now !== now) return;
    this.now = "";
    this.step({ type: "form", id, what: "got", key, ...answer });
  }
}
