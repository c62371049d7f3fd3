/**
 * Moving a rule among the others: the handle is dragged, or lifted by Space and moved by the arrows.
 *
 * @typedef {import("../app.js").App} App
 */

import { plain } from "../parts/escapes.js";
import { book, index, move } from "./rulebook.js";
import { drawn, speak } from "./common.js";
import { landing, moved } from "./draft.js";

/** So near to the edge of what scrolls, it scrolls, px. */
const EDGE = 40;
/** So much with each step, px. */
const STEP = 12;

/** What is lifted, and where it would land. @type {{id: number, to: number, by: "keys"|"pointer"}|null} */
let lifted = null;

/** The rules in the order in which they are drawn. */
export function order() {
  const all = book.rules ?? [];
  const from = lifted?.by === "keys" ? index(lifted.id) : -1;
  return lifted && from >= 0 ? moved(all, from, lifted.to) : all;
}

/** How a row is drawn while something is moved. @param {number} id @param {number} at */
export function bearing(id, at) {
  if (!lifted) return "";
  if (lifted.id === id) return "lifted";
  const from = index(lifted.id);
  if (lifted.by === "keys" || lifted.to === from || lifted.to !== at) return "";
  return lifted.to > from ? "drop-below" : "drop-above";
}

/** @param {number} id */
export function isLifted(id) {
  return lifted?.id === id;
}

/** Nothing is lifted any more. @param {App} app */
export function letGo(app) {
  lifted = null;
  app.draw();
}

/** @param {App} app @param {number} id */
function focus(app, id) {
  drawn(app, () => /** @type {HTMLElement|null} */ (document.querySelector(`[data-handle="${id}"]`))?.focus());
}

/** @param {number} id */
function name(id) {
  return `“${plain(book.rules?.[index(id)]?.name ?? "")}”`;
}

/** @param {App} app @param {number} id @param {KeyboardEvent} e */
export function key(app, id, e) {
  if (e.ctrlKey || e.altKey || e.metaKey) return;
  const does = lifted?.by === "keys" ? LIFTED[e.key] : e.key === " " ? lift : undefined;
  if (!does) return;
  e.preventDefault();
  does(app, id);
}

/** @type {Record<string, (app: App, id: number) => void>} */
const LIFTED = {
  " ": drop,
  Enter: drop,
  Escape: cancel,
  ArrowUp: (app) => step(app, -1),
  ArrowDown: (app) => step(app, 1),
  Home: (app) => step(app, -Infinity),
  End: (app) => step(app, Infinity),
};

/** @param {App} app @param {number} id */
function lift(app, id) {
  lifted = { id, to: index(id), by: "keys" };
  speak(`Lifted ${name(id)}, place ${lifted.to + 1} of ${book.rules?.length}. Arrow keys move it, Space drops it, Escape leaves it where it was.`);
  app.draw();
}

/** @param {App} app @param {number} by */
function step(app, by) {
  if (!lifted) return;
  const last = (book.rules?.length ?? 1) - 1;
  lifted = { ...lifted, to: Math.min(last, Math.max(0, lifted.to + by)) };
  speak(`Place ${lifted.to + 1} of ${last + 1}`);
  focus(app, lifted.id);
}

/** @param {App} app */
function drop(app) {
  if (!lifted) return;
  const { id, to } = lifted;
  lifted = null;
  speak(`${name(id)} is at place ${to + 1} now.`);
  void move(app, id, to);
  focus(app, id);
}

/** @param {App} app */
function cancel(app) {
  const id = lifted?.id;
  lifted = null;
  speak("It stays where it was.");
  if (id !== undefined) focus(app, id);
}

/** The focus went elsewhere. @param {App} app @param {FocusEvent} e */
export function left(app, e) {
  const to = e.relatedTarget instanceof HTMLElement ? e.relatedTarget : null;
  if (lifted?.by === "keys" && to && !to.dataset.handle) letGo(app);
}

/** @param {App} app @param {number} id @param {PointerEvent} e */
export function grab(app, id, e) {
  const handle = /** @type {HTMLElement} */ (e.currentTarget);
  if (e.button !== 0 || lifted) return;
  handle.setPointerCapture(e.pointerId);
  lifted = { id, to: index(id), by: "pointer" };
  const stop = new AbortController();
  const signal = stop.signal;
  const end = (/** @type {boolean} */ drops) => {
    stop.abort();
    const to = lifted?.to;
    letGo(app);
    if (drops && to !== undefined) void move(app, id, to);
  };
  let y = e.clientY;
  // Held still at an edge, it goes on scrolling.
  const follow = () => signal.aborted || (drag(app, id, handle, y), requestAnimationFrame(follow));
  requestAnimationFrame(follow);
  handle.addEventListener("pointermove", (m) => (y = m.clientY), { signal });
  handle.addEventListener("pointerup", () => end(true), { signal });
  handle.addEventListener("pointercancel", () => end(false), { signal });
  addEventListener("keydown", (k) => k.key === "Escape" && (k.preventDefault(), end(false)), { signal, capture: true });
  app.draw();
}

/** @param {App} app @param {number} id @param {HTMLElement} handle @param {number} y */
function drag(app, id, handle, y) {
  if (!lifted) return;
  scroll(handle, y);
  const rows = [...(handle.closest("tbody")?.rows ?? [])];
  const middles = rows.map((row) => row.getBoundingClientRect()).map((box) => box.top + box.height / 2);
  const to = landing(middles, y, index(id));
  if (to !== lifted.to) {
    lifted = { ...lifted, to };
    app.draw();
  }
}

/** Scrolls whatever can scroll around the handle. @param {HTMLElement} handle @param {number} y */
function scroll(handle, y) {
  for (let box = handle.parentElement; box; box = box.parentElement) {
    if (box.scrollHeight <= box.clientHeight || getComputedStyle(box).overflowY === "visible") continue;
    const { top, bottom } = box.getBoundingClientRect();
    const by = y < top + EDGE ? -STEP : y > bottom - EDGE ? STEP : 0;
    box.scrollBy(0, by);
    return;
  }
}
