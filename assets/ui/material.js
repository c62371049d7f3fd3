/**
 * What belongs to a request beside its input (what led to it, what becomes of a file): fetched when it is shown. The
 * page waits for it a moment, so that nothing moves when it comes at once.
 */

import { complete, phase } from "./queue.js";

/** So long the page waits before it is drawn without it, ms. */
const SOON_MS = 30;

export class Material {
  /**
   * @param {(path: string) => Promise<any>} get asks the daemon
   * @param {(message: {type: string, [key: string]: any}) => void} step takes what came
   * @param {() => void} draw
   */
  constructor(get, step, draw) {
    this.get = get;
    this.step = step;
    this.draw = draw;
    this.until = 0;
  }

  /** @param {import("./queue.js").Effect} effect @returns {Promise<void>} */
  async fetch({ type, id, shown, from }) {
    const more = type === "rows";
    if (!more) {
      this.until = performance.now() + SOON_MS;
      setTimeout(() => this.draw(), SOON_MS + 1);
    }
    const path = `/approvals/${encodeURIComponent(id)}/card${more ? `?from=${from}&rows=2000` : ""}`;
    // Without it the input is shown as it is.
    const card = await this.get(path).catch(() => null);
    this.step({ type: more ? "rows" : "card", id, shown, card });
  }

  /** Whether the page is not to be drawn yet. @param {import("./queue.js").State} s */
  waits(s) {
    return phase(s) === "ask" && !complete(s) && performance.now() < this.until;
  }
}
