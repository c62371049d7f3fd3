// A popup without a page: the reducer, a clock, and a memory of all it said.
import { ARM_MS, reduce, start } from "../../../assets/ui/queue.js";

export const EXPIRES = 540_000;

export function approval(id, more = {}) {
  return { id, session: `${id}-1`, kind: "permission", tool: "Bash", input: { command: id }, shown: `hash-${id}`, opened: 0, expires: EXPIRES, state: "pending", project: id, headless: false, hides_terminal: false, agent: null, ...more };
}

export const settled = (a, by, outcome) => ({ ...a, state: "settled", by, outcome, settled: 1 });

/** A page with a clock, that remembers all it said. */
export class Page {
  constructor(more = {}) {
    this.at = 0;
    this.state = { ...start(), ...more };
    this.said = [];
  }
  step(message) {
    this.state = reduce(this.state, { at: this.at, wall: this.at, ...message });
    this.said.push(...this.state.out);
    return this;
  }
  board(approvals, more = {}) {
    return this.step({ type: "board", now: this.at, approvals, settled: [], daemon: "ok", ...more });
  }
  paint(whole = true) {
    return this.step({ type: "painted", serial: this.state.serial, whole });
  }
  wait(ms) {
    this.at += ms;
    return this.step({ type: "time" });
  }
  /** Painted and stood long enough. */
  arm(whole = true) {
    return this.paint(whole).wait(ARM_MS);
  }
  press(act) {
    return this.step({ type: "press", act });
  }
  /** A control of the form was used. */
  form(m) {
    return this.step({ type: "form", ...m });
  }
  /** What belongs to a request came, or will not. */
  card(id, card) {
    return this.step({ type: "card", id, shown: this.state.pending.find((a) => a.id === id).shown, card });
  }
  click(act) {
    return this.step({ type: "hold" }).step({ type: "press", act, pointer: true });
  }
  sent(id, more = {}) {
    return this.step({ type: "sent", id, ok: true, status: 200, ...more });
  }
  get shown() {
    return this.state.face?.id ?? null;
  }
  decisions() {
    return this.said.filter((e) => e.type === "decide").map(({ id, body }) => ({ id, ...body }));
  }
  told(type) {
    return this.said.filter((e) => e.to === "host" && e.type === type);
  }
}
