/** The popup: hears the host, keeps the state, draws it, says what was decided. */

import { render } from "./vendor/lit-html/lit-html.js";
import { connect } from "./link.js";
import { heard } from "./heard.js";
import { press } from "./keys.js";
import { asRun } from "./forms/edit.js";
import { Material } from "./material.js";
import { form, mayAllow, phase, reduce, rest, start, wake } from "./queue.js";
import { page, spoken } from "./parts/page.js";
import { level } from "./parts/risk.js";
import { Wanted } from "./wanted.js";
import { pointedAt, stress } from "./parts/stress.js";
import { dress } from "./theme.js";

/** @typedef {import("./queue.js").State} State */

const root = element("page");
const live = element("spoken");
let state = { ...start(), material: true };
/** What is on the screen. */ let drawn = state;
let timer = 0;
let second = 0;
let height = 0;

const material = new Material((path) => link.get(path), step, draw);
const wanted = new Wanted((method, path, body) => link.ask(method, path, body), step);
const link = connect((message) => (message.type === "look" ? dress(message) : step(message)));
listen();
link.tell({ type: "ready" });

/** The one way anything happens. @param {{type: string, [key: string]: any}} message */
function step(message) {
  state = reduce(state, { ...message, at: performance.now(), wall: Date.now() });
  const { out } = state;
  for (const effect of out) if (effect.to === "daemon") perform(effect);
  wanted.sync(state);
  draw();
  for (const effect of out) if (effect.to !== "daemon") perform(effect);
}

/** @param {import("./queue.js").Effect} effect */
function perform({ to, ...effect }) {
  if (to === "host" && effect.type === "empty") return sayEmpty();
  if (to === "host") return link.tell(/** @type {any} */ (effect));
  if (effect.type === "decide") return void link.decide(effect.id, effect.body, effect.route).then((a) => step({ type: "sent", id: effect.id, together: effect.route === "identical", ...a }));
  // What cannot be told is seen by the time that is left.
  if (effect.type === "filling") return void link.ask("POST", `/approvals/${encodeURIComponent(effect.id)}/filling`, {}).catch(() => undefined);
  if (effect.type === "refresh") return void link.refresh();
  if (effect.type === "card" || effect.type === "rows") return void material.fetch(/** @type {any} */ (effect));
  if (effect.type === "more") return scrollOn();
  if (effect.type === "focus") return goTo(effect.id);
  if (effect.type === "copy") copy(effect.text);
}

/** Only once nothing is on the screen any more: what was would flash up when the window comes again. */
function sayEmpty() {
  const say = () => phase(state) === "empty" && link.tell({ type: "empty", known: state.pending.map((a) => a.id) });
  if (document.hidden) return void say();
  requestAnimationFrame(() => requestAnimationFrame(say));
}

/** What belongs to a request is waited for a moment: until then there stands what stood there, and nothing of it is heard. */
function draw() {
  if (material.waits(state)) return schedule();
  const before = drawn;
  drawn = state;
  const turned = state.serial !== before.serial;
  document.documentElement.toggleAttribute("data-theme", state.theme !== "system");
  if (state.theme !== "system") document.documentElement.dataset.theme = state.theme;
  document.body.dataset.keys = state.focused ? "on" : "off";
  render(page(state, Date.now() + state.skew, step), root);
  if (turned) turnedPage();
  const words = spoken(state);
  if (live.textContent !== words) live.textContent = words;
  moveFocus(before);
  measure();
  if (turned) afterPaint();
  else seen();
  schedule();
}

/** A new request begins at its top, and one of high risk never under a key meant for the last. */
function turnedPage() {
  const ask = document.getElementById("ask");
  if (ask) ask.scrollTop = 0;
  stress(root, "");
  if (isRisky() && document.activeElement === approve()) document.getElementById("input")?.focus({ preventScroll: true });
}

function isRisky() {
  return state.face !== null && level(asRun(form(state), state.face)) === "high";
}

/** @returns {HTMLElement|null} */
function approve() {
  return root.querySelector('[data-act="allow"]');
}

/** Two frames later the request has been on the screen: its 400 ms begin. */
function afterPaint() {
  const { serial } = state;
  if (phase(state) !== "ask") return;
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (document.visibilityState === "visible") step({ type: "painted", serial, whole: atEnd() });
    }),
  );
}

/** The next moment something changes by itself; seconds only while somebody can see them. */
function schedule() {
  clearTimeout(timer);
  clearTimeout(second);
  const at = wake(state, performance.now(), Date.now());
  if (at !== null) timer = window.setTimeout(() => step({ type: "time" }), Math.max(0, at - performance.now()) + 1);
  if (phase(state) === "ask" && !document.hidden) {
    const now = Date.now() + state.skew;
    const rest = ((state.face?.expires ?? now) - now) % 1000;
    second = window.setTimeout(draw, (rest <= 0 ? rest + 1000 : rest) + 5);
  }
}

/** First the command; the message when its field opens; the command again when it closes. @param {State} before */
function moveFocus(before) {
  if (state.field && !before.field) return document.getElementById("message")?.focus();
  if (!state.focused || state.field || phase(state) !== "ask") return;
  const nowhere = document.activeElement === document.body || document.activeElement === null;
  if (before.field || !before.focused || nowhere) document.getElementById("input")?.focus({ preventScroll: true });
}

/** Tells the host the height the page would like; marks what is below the edge. */
function measure() {
  const card = root.querySelector(".card");
  if (!(card instanceof HTMLElement)) return void (height = 0);
  const inner = card.querySelector(".ask, .state");
  const wanted = Math.min(720, card.offsetHeight + (inner ? inner.scrollHeight - inner.clientHeight : 0));
  const more = document.getElementById("more");
  if (more) more.hidden = atEnd();
  if (wanted === height) return;
  height = wanted;
  link.tell({ type: "size", height });
}

function atEnd() {
  const ask = document.getElementById("ask");
  return !ask || ask.scrollTop + ask.clientHeight >= ask.scrollHeight - 2;
}

function scrollOn() {
  const ask = document.getElementById("ask");
  if (ask) ask.scrollTop += Math.max(40, ask.clientHeight - 48);
}

function scrolled() {
  const more = document.getElementById("more");
  if (more) more.hidden = atEnd();
  seen();
}

/** Its end may come on the screen without a scroll, when what stands around it gets smaller. */
function seen() {
  if (state.armedAt !== null && !state.read && rest(state) === 0 && drawn.serial === state.serial && atEnd()) step({ type: "read", serial: state.serial });
}

function listen() {
  addEventListener("pointerdown", () => step({ type: "hold" }), true);
  root.addEventListener("click", clicked);
  root.addEventListener("pointerover", (e) => stress(root, pointedAt(e)));
  root.addEventListener("input", (e) => {
    if (e.target instanceof HTMLTextAreaElement && e.target.id === "message") step({ type: "typed", text: e.target.value });
  });
  root.addEventListener("scroll", scrolled, true);
  addEventListener("keydown", keyed);
  addEventListener("resize", () => {
    measure();
    scrolled();
  });
  document.addEventListener("visibilitychange", () => step({ type: "visible", on: !document.hidden }));
  // Nothing in this page leads anywhere else.
  for (const type of ["contextmenu", "dragstart", "drop", "dragover"]) addEventListener(type, (e) => e.preventDefault());
  void document.fonts.ready.then(measure);
}

/** @param {MouseEvent} e */
function clicked(e) {
  const button = e.target instanceof Element ? e.target.closest("[data-act]") : null;
  if (!(button instanceof HTMLElement)) return;
  if (button.dataset.act === "more") return scrollOn();
  step({ type: "press", act: button.dataset.act, pointer: e.detail > 0 });
}

/** @param {KeyboardEvent} e */
function keyed(e) {
  const { focused, field, daemon, jumps, face } = state;
  const found = press({ focused, field, lost: daemon === "lost", jumps, risky: isRisky() && mayAllow(state), kind: face?.kind, panel: form(state).panel }, heard(e));
  if (!found) return;
  e.preventDefault();
  if (found.act === "field" && field) return document.getElementById("message")?.focus();
  if (found.act === "aim") return approve()?.focus();
  if (found.act === "option") return pick(found.n ?? 0);
  if (found.act === "leave") return form(state).panel ? step({ type: "press", act: "back" }) : document.getElementById("input")?.focus();
  if (found.act) step({ type: "press", act: found.act });
}

/** An option by its number; the number after the last is one's own words. @param {number} n */
function pick(n) {
  step({ type: "form", what: "option", n });
  const option = root.querySelector(`[data-option="${n}"]`);
  if (option instanceof HTMLElement) option.focus();
}

/** A text is gone to from its beginning. @param {string} id */
function goTo(id) {
  const element = document.getElementById(id);
  if (element === document.activeElement) return;
  element?.focus();
  if (element instanceof HTMLTextAreaElement) element.setSelectionRange(0, 0);
}

/** @param {string} text */
function copy(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "vh";
  document.body.append(area);
  area.select();
  const ok = document.execCommand("copy");
  area.remove();
  if (ok) live.textContent = "Copied";
}

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}
