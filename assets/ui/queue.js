/**
 * The popup's mind: which request is on the page, whether its buttons are
 * armed, and what a press leads to. Pure: time comes in with each message,
 * and what is to be done leaves in `out`. See `tests/ui/queue*.test.mjs`.
 *
 * Two clocks come with every message: `at` is monotonic (arming, closing),
 * `wall` is the time of day (only ever compared with the daemon's own).
 *
 * @typedef {import("./wire").Approval} Approval
 * @typedef {{type: string, at: number, wall: number, [key: string]: any}} Message
 * @typedef {import("./state.js").Effect} Effect
 * @typedef {import("./state.js").State} State
 */

import { alike, together } from "./alike.js";
import { bodyOf, changed, kept, missing, opens, pageOf } from "./forms.js";
import { ARM_MS, CLOSE_MS, LAST_MS, complete, form, phase, position, rest, visible } from "./state.js";

export * from "./state.js";

/** What opens a part of a request's form. */
const PANELS = ["edit", "remember", "rule"];
/** So often the daemon is told that a form is filled in. */
const FILLING_MS = 15_000;
/** How many requests decided here are remembered, in case a late board still lists them. */
const REMEMBERED = 64;

/**
 * The one way the state changes. `out` holds the effects of this message only.
 * @param {State} state @param {Message} msg @returns {State}
 */
export function reduce(state, msg) {
  const quiet = { ...state, out: [] };
  const handle = HANDLERS[msg.type];
  return handle ? handle(quiet, msg) : quiet;
}

/** @type {Record<string, (s: State, m: Message) => State>} */
const HANDLERS = {
  board: onBoard,
  painted: onPainted,
  read: (s, m) => (m.serial === s.serial && s.armedAt !== null && rest(s) === 0 ? { ...s, read: true } : s),
  time: onTime,
  hold: (s, m) => ({ ...s, hold: pass(s, m).armed ? s.serial : 0 }),
  press: onPress,
  form: onForm,
  card: onCard,
  rows: onRows,
  typed: (s, m) => (s.face && s.field ? { ...s, drafts: { ...s.drafts, [s.face.id]: m.text } } : s),
  sent: onSent,
  focus: (s, m) => ({ ...s, focused: m.on }),
  visible: onVisible,
  show: onShow,
};

/** The host's picture of the world. @param {State} s @param {Message} m */
function onBoard(s, m) {
  const lost = m.daemon === "lost";
  let n = {
    ...s,
    // A daemon that is gone has nothing to say about what is pending.
    pending: lost ? s.pending : (m.approvals ?? s.pending),
    settled: lost ? s.settled : (m.settled ?? s.settled),
    silent: m.silent ?? s.silent,
    daemon: m.daemon ?? s.daemon,
    focused: m.focused ?? s.focused,
    theme: m.theme ?? s.theme,
    home: m.home ?? s.home,
    jumps: m.jumps ?? s.jumps,
    skew: typeof m.now === "number" ? m.now - m.wall : s.skew,
  };
  n = { ...n, drafts: keep(n.drafts, s, n), cards: keep(n.cards, s, n), forms: kept(n.forms, n.pending) };
  n = comeBack(n, m.wall);
  if (n.daemon !== s.daemon) n = changeDaemon(n);
  return n.daemon === "lost" ? n : fetchCard(settle(n, m.at));
}

/** @param {State} n */
function changeDaemon(n) {
  const unsent = n.daemon === "lost" && (n.unsent || n.sending !== null);
  return disarm({ ...n, asked: "", sending: null, closing: null, closed: false, field: false, note: null, unsent });
}

/** What is on the page against what is pending. @param {State} n @param {number} at @returns {State} */
function settle(n, at) {
  if (n.closing) return n;
  if (!n.face) return turn(n, visible(n)[0]);
  const face = n.face;
  const now = n.pending.find((a) => a.id === face.id);
  if (!now) return gone(n, at);
  if (n.silent.includes(face.id) && !n.sending) return next(n);
  n = { ...n, order: visible(n).map((a) => a.id) };
  if (now.shown !== face.shown) return { ...turn(n, now), note: { kind: "changed", detail: "" } };
  // Its risk became known only now: that is something else to read.
  if (now.risk && !face.risk && !n.sending) return turn(n, now);
  return now.expires === face.expires ? n : { ...n, face: { ...face, expires: now.expires } };
}

/** The request on the page is no longer pending. @param {State} n @param {number} at @returns {State} */
function gone(n, at) {
  const how = n.settled.find((a) => a.id === n.face?.id) ?? null;
  const ours = n.sending !== null;
  if (ours && !how) return n; // the answer to our own decision tells
  if (ours && how?.by && n.us.includes(how.by)) return next(n);
  if (!n.visible) return next(n);
  return close(n, how, at);
}

/** @param {State} n @param {Approval|null} how @param {number} at */
function close(n, how, at) {
  return disarm({ ...n, closing: { how, until: at + CLOSE_MS }, field: false, sending: null, note: null });
}

/** The request that follows: the one after it, else the oldest. @param {State} n @returns {State} */
function next(n) {
  const after = n.order.slice(n.order.indexOf(n.face?.id ?? "") + 1);
  const list = visible(n).filter((a) => a.id !== n.face?.id);
  return turn(n, list.find((a) => after.includes(a.id)) ?? list[0]);
}

/** Puts a request on the page, unarmed; or clears it. @param {State} n @param {Approval|undefined} face @returns {State} */
function turn(n, face) {
  const bare = disarm({ ...n, face: face ?? null, closing: null, field: false, sending: null, note: null, unsent: false });
  if (face) return fetchCard({ ...bare, emptied: false, order: visible(n).map((a) => a.id) });
  return n.emptied ? bare : { ...emit(bare, { to: "host", type: "empty" }), emptied: true };
}

/** Something else is shown from now on: nothing counts until it was painted and stood. @param {State} n @returns {State} */
function disarm(n) {
  return { ...n, serial: n.serial + 1, armedAt: null, armed: false, read: false, hold: 0 };
}

/** @param {State} s @param {Message} m */
function onPainted(s, m) {
  if (m.serial !== s.serial || phase(s) !== "ask" || !s.visible || s.armedAt !== null) return s;
  const n = emit(s, { to: "host", type: "shown", id: s.face?.id });
  return complete(n) ? { ...n, armedAt: m.at + ARM_MS, read: Boolean(m.whole) && rest(n) === 0 } : n;
}

/** Asks for what belongs to the request on the page, once. @param {State} n @returns {State} */
function fetchCard(n) {
  if (!n.face || complete(n) || n.daemon === "lost") return n;
  const { id, shown } = n.face;
  const asked = `${id} ${shown}`;
  return n.asked === asked ? n : emit({ ...n, asked }, { to: "daemon", type: "card", id, shown });
}

/** It came, or will not come: what is shown now is all there is. @param {State} s @param {Message} m */
function onCard(s, m) {
  const of = s.pending.find((a) => a.id === m.id);
  // What is shown by now stays: the rows that were read are those of the first.
  if (!of || of.shown !== m.shown || s.cards[m.id]) return s;
  const n = { ...s, cards: { ...s.cards, [m.id]: m.card ?? null } };
  return n.face?.id === m.id && n.face?.shown === m.shown && (n.armedAt === null || m.card) ? disarm(n) : n;
}

/** More rows of a change; another change by now is shown from its beginning. @param {State} s @param {Message} m */
function onRows(s, m) {
  const had = s.cards[m.id]?.file?.diff;
  const of = s.pending.find((a) => a.id === m.id);
  const diff = m.card?.file?.diff;
  if (!had || !diff || of?.shown !== m.shown) return s;
  if (diff.version !== had.version) return s.face?.id === m.id ? fetchCard(disarm({ ...s, asked: "", cards: without(s.cards, m.id) })) : s;
  // Rows that do not follow on those that are here were asked for twice.
  const came = diff.hunks.reduce((/** @type {number} */ sum, /** @type {{rows: unknown[]}} */ hunk) => sum + hunk.rows.length, 0);
  if (came + diff.left !== had.left) return s;
  const file = { ...s.cards[m.id].file, diff: { ...had, hunks: [...had.hunks, ...diff.hunks], left: diff.left } };
  return { ...s, cards: { ...s.cards, [m.id]: { ...s.cards[m.id], file } } };
}

/** @template T @param {Record<string, T>} all @param {string} id */
function without(all, id) {
  return Object.fromEntries(Object.entries(all).filter(([key]) => key !== id));
}

/** Something was picked, typed or opened; of another request than the one on the page it counts nothing. @param {State} s @param {Message} m */
function onForm(s, m) {
  const id = s.face?.id;
  if (s.closing || s.sending || (m.id !== undefined && m.id !== id) || !s.pending.some((a) => a.id === id)) return s;
  return filling(fill(s, { ...m, what: m.what }), m);
}

/** Who enters something for a server is waited for: the daemon hears of it, now and then. @param {State} s @param {Message} m @returns {State} */
function filling(s, m) {
  const id = s.face?.id ?? "";
  if (s.face?.kind !== "elicitation" || m.what !== "entry" || (s.filling.id === id && m.at < s.filling.at + FILLING_MS)) return s;
  return emit({ ...s, filling: { id, at: m.at } }, { to: "daemon", type: "filling", id });
}

/** Another page of a form is another thing to look at. @param {State} s @param {{what: string, [key: string]: any}} m @returns {State} */
function fill(s, m) {
  if (!s.face) return s;
  const n = { ...s, forms: changed(s.forms, s.face, m) };
  return pageOf(n.forms, s.face) === pageOf(s.forms, s.face) ? n : { ...disarm(n), note: null };
}

/** @param {State} s @param {Message} m */
function onTime(s, m) {
  let n = comeBack(pass(s, m), m.wall);
  if (n.closing && m.at >= n.closing.until) n = next(n);
  return n.daemon === "lost" ? n : settle(n, m.at);
}

/** Time alone arms. @param {State} s @param {Message} m */
function pass(s, m) {
  return s.armedAt !== null && m.at >= s.armedAt && !s.armed ? { ...s, armed: true } : s;
}

/** What was put off and is in its last minute, or no longer pending, is put off no more. @param {State} s @param {number} wall */
function comeBack(s, wall) {
  const later = s.later.filter(({ id, final }) => {
    const a = s.pending.find((p) => p.id === id);
    return a && (final || a.expires - (wall + s.skew) > LAST_MS);
  });
  return later.length === s.later.length ? s : { ...s, later };
}

/** Hidden or shown again: what is shown has to be seen anew. @param {State} s @param {Message} m */
function onVisible(s, m) {
  if (m.on === s.visible) return s;
  const n = disarm({ ...s, visible: m.on });
  return n.closing && !m.on ? next(n) : n;
}

/** The user asked for what was put off (tray, notification). @param {State} s @param {Message} m */
function onShow(s, m) {
  const later = m.id ? s.later.filter((l) => l.id !== m.id) : [];
  const n = { ...s, later, closed: false };
  const wanted = visible(n).find((a) => a.id === m.id);
  if (n.daemon === "lost") return disarm(n);
  if (wanted && wanted.id !== n.face?.id && !n.sending && !n.field) return turn(n, wanted);
  return settle({ ...n, emptied: n.face === null ? false : n.emptied }, m.at);
}

/** A button or a key. @param {State} s @param {Message} m @returns {State} */
function onPress(s, m) {
  if (s.daemon === "lost") return pressWhileLost(s, m);
  const n = pass(s, m);
  if (phase(n) !== "ask" || n.sending) return n;
  if (m.act === "back") return back(n);
  if (PANELS.includes(m.act)) return open(n, m.act);
  if (m.act === "rows") return rows(n);
  // At once: what is typed next is the message, and its letters must not be taken for keys.
  if (m.act === "field") return n.face?.kind === "elicitation" ? n : { ...n, field: true };
  if (m.act === "dashboard") return emit(n, { to: "host", type: "dashboard", id: n.face?.id });
  if (m.act === "previous" || m.act === "next") return page(n, m.act === "next" ? 1 : -1);
  // Pressed before it was armed, even if let go after: not meant for this.
  if (!n.armed || (m.pointer && n.hold !== n.serial)) return n;
  return act({ ...n, hold: 0 }, m);
}

/** @param {State} n @param {Message} m @returns {State} */
function act(n, m) {
  // A server hears a yes, a no or neither, and no words of ours.
  const elicits = n.face?.kind === "elicitation";
  switch (m.act) {
    case "allow":
    case "answer":
    case "plan":
    case "plan_edits":
      return give(n, m.act);
    case "allow_all":
      return giveAll(n);
    case "deny":
      return send(n, { decision: "deny", ...written(n) });
    case "cancel":
      return elicits ? send(n, { decision: "deny", cancel: true }) : n;
    case "deny_stop":
      return elicits ? n : send(n, { decision: "deny", ...written(n), interrupt: true });
    case "release":
      return n.face?.headless ? n : send(n, { decision: "release" });
    case "jump":
      return emit(n, { to: "host", type: "jump", session: n.face?.session });
    case "later":
      return putOff(n, m.wall);
    default:
      return n;
  }
}

/** What says yes to what. @type {Record<string, string[]>} */
const YES = { permission: ["allow"], question: ["answer"], elicitation: ["answer"], plan: ["plan", "plan_edits"] };

/** Yes, with what was made of it; or to what is missing. @param {State} n @param {string} act @returns {State} */
function give(n, act) {
  const a = n.face;
  if (!a || n.field || !YES[a.kind]?.includes(act)) return n;
  if (act !== "answer" && !n.read) return emit(n, { to: "page", type: "more" });
  const body = bodyOf(n, a, act);
  if (body) return send(n, { decision: "allow", ...body });
  const on = fill(n, { what: "onward" });
  return emit(on, { to: "page", type: "focus", id: missing(on.forms, a) });
}

/** One yes for all that ask the very same, as the page says who they are. @param {State} n */
function giveAll(n) {
  const all = n.face && !n.field && !form(n).panel && bodyOf(n, n.face, "allow") ? alike(n.pending, n.face) : [];
  if (all.length < 2) return n;
  if (!n.read) return emit(n, { to: "page", type: "more" });
  return emit({ ...n, sending: { id: all[0].id }, note: null, unsent: false }, { to: "daemon", type: "decide", id: all[0].id, body: together(all), route: "identical" });
}

/** The next rows of a long change. @param {State} n @returns {State} */
function rows(n) {
  const diff = n.cards[n.face?.id ?? ""]?.file?.diff;
  const from = diff ? diff.lines - diff.left : 0;
  return diff?.left ? emit(n, { to: "daemon", type: "rows", id: n.face?.id, shown: n.face?.shown, from }) : n;
}

/** Opens a part of the form, and goes there. @param {State} n @param {string} panel @returns {State} */
function open(n, panel) {
  if (!n.face || n.field || !opens(n, n.face, panel)) return n;
  const on = fill(n, { what: "panel", panel });
  return emit(on, { to: "page", type: "focus", id: missing(on.forms, n.face) });
}

/** Out of the message, of what is opened, or to the question before. @param {State} n @returns {State} */
function back(n) {
  if (n.field) return { ...n, field: false };
  if (!form(n).panel) return fill(n, { what: "back" });
  return emit(fill(n, { what: "panel", panel: "" }), { to: "page", type: "focus", id: "input" });
}

/** The message, if its field is open and anything is in it. @param {State} n */
function written(n) {
  const message = n.field ? (n.drafts[n.face?.id ?? ""] ?? "").trim() : "";
  return message ? { message } : {};
}

/** @param {State} n @param {Record<string, unknown>} decision @returns {State} */
function send(n, decision) {
  if (!n.face) return n;
  const { id, shown } = n.face;
  const body = { ...decision, shown };
  return emit({ ...n, sending: { id }, note: null, unsent: false }, { to: "daemon", type: "decide", id, body });
}

/** Where the terminal shows nothing meanwhile, it asks from now on: nothing is left where nobody sees it. @param {State} n @param {number} wall @returns {State} */
function putOff(n, wall) {
  if (!n.face) return n;
  if (n.face.hides_terminal) return send(n, { decision: "release" });
  const { id, expires } = n.face;
  const final = expires - (wall + n.skew) <= LAST_MS;
  return next(emit({ ...n, later: [...n.later, { id, final }] }, { to: "host", type: "later", id }));
}

/** Turns the page; at the ends it stays. @param {State} n @param {number} by @returns {State} */
function page(n, by) {
  const { index } = position(n);
  const to = visible(n)[index + by];
  return to && index >= 0 ? turn(n, to) : n;
}

/** @param {State} s @param {Message} m @returns {State} */
function pressWhileLost(s, m) {
  if (m.act === "jump") return emit(s, { to: "host", type: "jump", session: s.face?.session });
  if (m.act === "retry") return emit(s, { to: "daemon", type: "refresh" });
  if (m.act === "copy") return emit(s, { to: "page", type: "copy", text: "ccmon doctor" });
  if (m.act === "later") return emit({ ...s, closed: true }, { to: "host", type: "empty" });
  return s;
}

/** The daemon's answer to our decision. @param {State} s @param {Message} m @returns {State} */
function onSent(s, m) {
  if (s.sending?.id !== m.id || s.face?.id !== m.id) return s;
  const also = m.together && m.ok && s.face ? alike(s.pending, s.face).map((a) => a.id) : [];
  const done = [...s.done, m.id, ...also].slice(-REMEMBERED);
  if (m.ok) return next({ ...s, done });
  if (m.status === 409 && m.approval?.state === "settled" && !m.together) return close({ ...s, done }, m.approval, m.at);
  const kind = { 403: "refused", 404: "unknown", 409: m.together ? "refused" : "changed", 422: "refused" }[/** @type {number} */ (m.status)] ?? "unsent";
  const note = { kind, detail: m.detail ?? "" };
  return settle({ ...s, sending: null, note, unsent: kind === "unsent" }, m.at);
}

/** @param {State} n @param {Effect} effect @returns {State} */
function emit(n, effect) {
  return { ...n, out: [...n.out, effect] };
}

/**
 * Of requests that are still pending and say the same.
 * @template T @param {Record<string, T>} what @param {State} before @param {State} n @returns {Record<string, T>}
 */
function keep(what, before, n) {
  const said = (/** @type {State} */ s, /** @type {string} */ id) => s.pending.find((a) => a.id === id)?.shown;
  return Object.fromEntries(Object.entries(what).filter(([id]) => said(n, id) !== undefined && said(n, id) === (said(before, id) ?? said(n, id))));
}
