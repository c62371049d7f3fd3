/**
 * One place of the dashboard where requests are decided: the popup's mind (`queue.js`) over those requests
 * that belong there, and what it wants done. It draws nothing: `parts/decide.js` does.
 */

import { queue } from "./board.js";
import { Problem } from "./carrier.js";
import { heard } from "./heard.js";
import { press } from "./keys.js";
import { asRun } from "./forms/edit.js";
import { Material } from "./material.js";
import { Wanted } from "./wanted.js";
import { form, mayGive, phase, position, reduce, rest, start, visible, wake } from "./queue.js";
import { cardOn } from "./parts/cards.js";
import { plain } from "./parts/escapes.js";
import { ending } from "./parts/endings.js";
import { still } from "./parts/page.js";
import { level } from "./parts/risk.js";
import { stress } from "./parts/stress.js";

/**
 * @typedef {import("./app.js").App} App
 * @typedef {import("./wire").Approval} Approval
 */

/** What keys of the popup mean nothing here: nothing is put off, and the arrows choose. */
const NOT_HERE = ["later", "previous", "next"];

/** The bars at the edges of the page hide so much, px. */
const MARGIN = 52;

export class Decider {
  /** @param {(a: Approval) => boolean} mine which requests belong here */
  constructor(mine) {
    this.mine = mine;
    this.state = { ...start(), us: ["dashboard", "web"], visible: false, material: true };
    /** @type {App|null} */ this.app = null;
    /** The serial that is being waited for to be painted. */ this.painting = -1;
    /** The serial that was drawn last. */ this.drawnSerial = 0;
    /** What the focus goes to once it is drawn. */ this.wanted = "";
    /** Something in here had the focus when it was pressed. */ this.held = false;
    this.timer = 0;
    this.material = new Material(async (path) => /** @type {App} */ (this.app).ask("GET", path), (m) => this.step(m), () => this.app?.draw());
    this.wishes = new Wanted(async (method, path, body) => /** @type {App} */ (this.app).ask(method, path, body), (m) => this.step(m));
    this.listeners = /** @type {[string, () => void][]} */ ([["scroll", () => this.scrolled()], ["resize", () => this.scrolled()], ["visibilitychange", () => this.step({ type: "visible", on: !document.hidden })], ["pointerdown", () => this.step({ type: "hold" })]]);
  }

  /** It is on the page from now on. @param {App} app */
  open(app) {
    this.app = app;
    for (const [type, hear] of this.listeners) (type === "resize" ? window : document).addEventListener(type, hear, true);
    this.step({ type: "visible", on: !document.hidden });
    this.sync();
  }

  close() {
    for (const [type, hear] of this.listeners) (type === "resize" ? window : document).removeEventListener(type, hear, true);
    this.step({ type: "visible", on: false });
    this.app = null;
    clearTimeout(this.timer);
  }

  /** Tells the mind how the board stands. */
  sync() {
    const { app } = this;
    if (!app) return;
    const approvals = queue(app.board).filter(this.mine);
    const daemon = app.link === "live" ? "ok" : app.heard ? "lost" : "ok";
    this.step({ type: "board", now: app.now(), approvals, settled: app.board.settled, daemon, home: app.home });
  }

  /** @param {{type: string, [key: string]: any}} message */
  step(message) {
    const before = this.state;
    if (message.type === "press") this.held = this.root()?.contains(document.activeElement) ?? false;
    if (message.type === "hold") this.held = false;
    this.state = reduce(before, { ...message, at: performance.now(), wall: Date.now() });
    if (this.state.field && !before.field) this.wanted = "message";
    if (!this.state.field && before.field) this.wanted = "input";
    for (const effect of this.state.out) this.perform(effect);
    if (this.app) this.wishes.sync(this.state);
    if (this.wanted) this.app?.drawNow();
    else if (this.state !== before) this.app?.draw();
    this.schedule();
  }

  /** @param {import("./queue.js").Effect} effect */
  perform(effect) {
    if (effect.type === "decide") void this.decide(effect.id, effect.body, effect.route);
    if (effect.type === "filling") void this.app?.ask("POST", `/approvals/${encodeURIComponent(effect.id)}/filling`, {}).catch(() => undefined);
    if (effect.type === "more") this.scrollOn();
    if (effect.type === "card" || effect.type === "rows") void this.material.fetch(effect);
    if (effect.type === "focus") this.wanted = effect.id;
    if (effect.type === "jump" && this.app) void jump(this.app, effect.session);
  }

  /** @param {string} id @param {object} body @param {string} [route] */
  async decide(id, body, route = "decision") {
    const answer = await this.app?.ask("POST", `/approvals/${encodeURIComponent(id)}/${route}`, body).then(
      () => ({ ok: true, status: 200 }),
      (error) => ({ ok: false, status: error instanceof Problem ? error.status : 0, detail: error.message, approval: error.body?.approval ?? error.body }),
    );
    this.step({ type: "sent", id, together: route === "identical", ...answer });
  }

  schedule() {
    clearTimeout(this.timer);
    const at = this.app ? wake(this.state, performance.now(), Date.now()) : null;
    if (at !== null) this.timer = window.setTimeout(() => this.step({ type: "time" }), Math.max(0, at - performance.now()) + 1);
  }

  /** What it draws is on the page. */
  drawn() {
    if (this.waits()) return;
    const { serial } = this.state;
    if (serial !== this.drawnSerial) this.turned();
    this.drawnSerial = serial;
    if (this.wanted) this.focus(this.wanted);
    this.wanted = "";
    if (this.held && document.activeElement === document.body) refuge()?.focus({ preventScroll: true });
    this.afterPaint();
    this.seen();
  }

  /** @param {string} id */
  focus(id) {
    const element = document.getElementById(id);
    element?.focus({ preventScroll: true });
    if (id === "message") element?.scrollIntoView({ block: "nearest" });
  }

  /** Something else is shown: from its top, and never under a key meant for the last. */
  turned() {
    const root = this.root();
    if (root) stress(root, "");
    const place = root?.closest("[data-turns]");
    if (place) place.scrollTop = 0;
    if (this.risky() && document.activeElement === this.approve()) document.getElementById("input")?.focus({ preventScroll: true });
    const a = this.state.face;
    if (!a || !this.app) return;
    if (phase(this.state) === "closing") this.app.speak(ending(this.state.closing?.how ?? null, a).title);
    else if (phase(this.state) === "ask") this.app.speak(`${plain(a.project)}: ${cardOn(this.state, a).heading(a, still(a, this.state))}${this.risky() ? " High risk." : ""}`);
  }

  /** Two frames after it came into view the request has been on the screen: its 400 ms begin. */
  afterPaint() {
    const { serial, armedAt } = this.state;
    if (phase(this.state) !== "ask" || armedAt !== null || !this.state.visible || this.painting === serial || !this.inView()) return;
    this.painting = serial;
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (document.visibilityState === "visible") this.step({ type: "painted", serial, whole: this.atEnd() });
      }),
    );
  }

  /** @returns {HTMLElement|null} */
  root() {
    return document.querySelector("[data-decides]");
  }

  /** @returns {HTMLElement|null} */
  approve() {
    return this.root()?.querySelector('[data-act="allow"]') ?? null;
  }

  risky() {
    return this.state.face !== null && level(asRun(form(this.state), this.state.face)) === "high";
  }

  /** Whether the end of what is asked stands above the buttons, and those on the screen. */
  atEnd() {
    const asked = this.root()?.querySelector(".asking")?.getBoundingClientRect();
    const deck = this.root()?.querySelector(".deck")?.getBoundingClientRect();
    if (!asked || !deck) return false;
    return asked.bottom <= deck.top + 2 && deck.top < innerHeight && asked.bottom > 0;
  }

  /** Whether anything of what is asked can be seen. */
  inView() {
    const asked = this.root()?.querySelector(".asking")?.getBoundingClientRect();
    return asked !== undefined && asked.bottom > MARGIN && asked.top < innerHeight - MARGIN;
  }

  scrolled() {
    if (this.state.armedAt === null) this.afterPaint();
    this.seen();
  }

  /** The end of what is asked may come into view without a scroll, when what stands around it gets smaller. */
  seen() {
    if (this.state.armedAt !== null && !this.state.read && rest(this.state) === 0 && this.atEnd()) this.step({ type: "read", serial: this.state.serial });
  }

  scrollOn() {
    const pane = this.root()?.closest(".pane");
    if (!this.inView()) this.root()?.scrollIntoView({ block: "start" });
    else if (pane) pane.scrollTop += Math.max(40, pane.clientHeight * 0.7);
  }

  /** A button. @param {MouseEvent} e */
  clicked(e) {
    const button = e.target instanceof Element ? e.target.closest("[data-act]") : null;
    if (button instanceof HTMLElement) this.step({ type: "press", act: button.dataset.act, pointer: e.detail > 0 });
  }

  /** A key, also of the message field; whether it was one of ours. @param {KeyboardEvent} e */
  key(e) {
    const { face, field } = this.state;
    if (!face || phase(this.state) !== "ask") return false;
    // From outside it Enter leads there, and answers nothing.
    if (e.key === "Enter" && !this.root()?.contains(document.activeElement)) return false;
    const found = press({ focused: true, field, lost: false, jumps: true, risky: this.risky() && this.ready(), kind: face.kind, panel: form(this.state).panel }, heard(e));
    if (found === null || NOT_HERE.includes(found.act)) return false;
    e.preventDefault();
    const { act } = found;
    // A key for what is out of sight only leads there.
    if (act && act !== "jump" && !this.inView()) this.scrollOn();
    else if (act === "field" && this.state.field) document.getElementById("message")?.focus();
    else if (act === "aim") this.approve()?.focus();
    else if (act === "option") this.pick(found.n ?? 0);
    else if (act === "leave") this.leave();
    else if (act) this.step({ type: "press", act });
    return true;
  }

  /** By its number. @param {number} n */
  pick(n) {
    this.step({ type: "form", what: "option", n });
    const option = this.root()?.querySelector(`[data-option="${n}"]`);
    if (option instanceof HTMLElement) option.focus();
  }

  /** Out of a text: out of what it belongs to, else to what is asked. */
  leave() {
    if (form(this.state).panel) this.step({ type: "press", act: "back" });
    else document.getElementById("input")?.focus({ preventScroll: true });
  }

  /** Whether there is to stand what stood there, for a moment. */
  waits() {
    return this.material.waits(this.state);
  }

  /** Whether a yes would be heard now. */
  ready() {
    return mayGive(this.state);
  }

  /** Shows one of them. @param {string} id */
  show(id) {
    if (id !== this.state.face?.id) this.step({ type: "show", id });
  }

  /** The request `by` places from this one. @param {number} by */
  beside(by) {
    return visible(this.state)[position(this.state).index + by] ?? null;
  }
}

/** Where the focus goes when what had it is gone. @returns {HTMLElement|null} */
function refuge() {
  return document.querySelector("#input") ?? document.querySelector("#sessions, #waiting") ?? document.querySelector("#main");
}

/** To a session's terminal; says where that was, or why not. @param {App} app @param {string} key */
export async function jump(app, key) {
  const went = await app.try("POST", `/sessions/${encodeURIComponent(key)}/jump`, {});
  if (!went) return;
  const notes = Array.isArray(went.notes) && went.notes.length ? `. ${went.notes.join(" ")}` : "";
  app.say(`${went.place ? `Now in ${went.place}` : "The terminal is in front"}${notes}`, "ok");
}
