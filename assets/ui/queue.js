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
 * @typedef {{to: "host"|"daemon"|"page", type: string, [key: string]: any}} Effect
 * @typedef {ReturnType<typeof start>} State
 */

/** How long a request is on the screen before a press counts. */
export const ARM_MS = 400;
/** How long “Answered in the terminal” stands. */
export const CLOSE_MS = 900;
/** From here on the time is amber, and what was put off comes back. */
export const LAST_MS = 60_000;
/** How many requests decided here are remembered, in case a late board still lists them. */
const REMEMBERED = 64;

/** The state before the first board. */
export function start() {
  return {
    /** Pending, oldest first, as the host last said. @type {Approval[]} */ pending: [],
    /** @type {Approval[]} */ settled: [],
    /** What is on the page, frozen while it is looked at. @type {Approval|null} */ face: null,
    /** The order in which `face` last stood, to know what follows it. @type {string[]} */ order: [],
    /** The request on the page was settled elsewhere. @type {{how: Approval|null, until: number}|null} */ closing: null,
    /** Counts what has been shown; a paint or a press belongs to one of them. */ serial: 0,
    /** @type {number|null} */ armedAt: null,
    armed: false,
    /** Its end has been on the screen. */ read: false,
    /** The serial that was armed when the pointer went down. */ hold: 0,
    /** Put off until asked for or until the last minute. @type {{id: string, final: boolean}[]} */ later: [],
    /** Decided here. @type {string[]} */ done: [],
    /** Messages being written, by request. @type {Record<string, string>} */ drafts: {},
    field: false,
    /** @type {{id: string}|null} */ sending: null,
    /** What went wrong with the last decision. @type {{kind: string, detail: string}|null} */ note: null,
    /** A decision was attempted that did not arrive. */ unsent: false,
    daemon: "ok",
    /** “Close” was pressed while the daemon was lost. */ closed: false,
    emptied: false,
    focused: false,
    visible: true,
    theme: "system",
    home: "",
    jumps: true,
    /** Whose decisions are ours, as the daemon names them. */ us: ["popup"],
    /** The daemon's clock minus ours. */ skew: 0,
    /** @type {Effect[]} */ out: [],
  };
}

/**
 * The one way the state changes. `out` holds the effects of this message only.
 * @param {State} state @param {Message} msg @returns {State}
 */
export function reduce(state, msg) {
  const quiet = { ...state, out: [] };
  const handle = HANDLERS[msg.type];
  return handle ? handle(quiet, msg) : quiet;
}

/** What the page is: nothing, a request, its closing words, or the loss of the daemon. @param {State} s */
export function phase(s) {
  if (s.daemon === "lost") return s.closed || !s.face ? "empty" : "lost";
  if (!s.face) return "empty";
  return s.closing ? "closing" : "ask";
}

/** The requests one can page through. @param {State} s */
export function visible(s) {
  return s.pending.filter((a) => !s.done.includes(a.id) && !s.later.some((l) => l.id === a.id));
}

/** “2 of 5”, or nothing for a single one. @param {State} s */
export function position(s) {
  const list = visible(s);
  return { index: list.findIndex((a) => a.id === s.face?.id), count: list.length };
}

/** Whether Approve would be heard now. @param {State} s */
export function mayAllow(s) {
  return s.armed && s.read && s.face?.kind === "permission";
}

/** When a `time` message is next needed, on the monotonic clock. @param {State} s @param {number} at @param {number} wall */
export function wake(s, at, wall) {
  const times = [];
  if (s.armedAt !== null && !s.armed) times.push(s.armedAt);
  if (s.closing) times.push(s.closing.until);
  for (const l of s.later) {
    const a = s.pending.find((p) => p.id === l.id);
    if (a && !l.final) times.push(at + Math.max(0, a.expires - LAST_MS - (wall + s.skew)));
  }
  return times.length ? Math.min(...times) : null;
}

/** @type {Record<string, (s: State, m: Message) => State>} */
const HANDLERS = {
  board: onBoard,
  painted: onPainted,
  read: (s, m) => (m.serial === s.serial && s.armedAt !== null ? { ...s, read: true } : s),
  time: onTime,
  hold: (s, m) => ({ ...s, hold: pass(s, m).armed ? s.serial : 0 }),
  press: onPress,
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
    daemon: m.daemon ?? s.daemon,
    focused: m.focused ?? s.focused,
    theme: m.theme ?? s.theme,
    home: m.home ?? s.home,
    jumps: m.jumps ?? s.jumps,
    skew: typeof m.now === "number" ? m.now - m.wall : s.skew,
  };
  n.drafts = keep(n.drafts, n.pending);
  n = comeBack(n, m.wall);
  if (n.daemon !== s.daemon) n = changeDaemon(n);
  return n.daemon === "lost" ? n : settle(n, m.at);
}

/** @param {State} n */
function changeDaemon(n) {
  const unsent = n.daemon === "lost" && (n.unsent || n.sending !== null);
  return disarm({ ...n, sending: null, closing: null, closed: false, field: false, note: null, unsent });
}

/** What is on the page against what is pending. @param {State} n @param {number} at @returns {State} */
function settle(n, at) {
  if (n.closing) return n;
  if (!n.face) return turn(n, visible(n)[0]);
  const face = n.face;
  const now = n.pending.find((a) => a.id === face.id);
  if (!now) return gone(n, at);
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
  if (face) return { ...bare, emptied: false, order: visible(n).map((a) => a.id) };
  return n.emptied ? bare : { ...emit(bare, { to: "host", type: "empty" }), emptied: true };
}

/** Something else is shown from now on: nothing counts until it was painted and stood. @param {State} n @returns {State} */
function disarm(n) {
  return { ...n, serial: n.serial + 1, armedAt: null, armed: false, read: false, hold: 0 };
}

/** @param {State} s @param {Message} m */
function onPainted(s, m) {
  if (m.serial !== s.serial || phase(s) !== "ask" || !s.visible || s.armedAt !== null) return s;
  const shown = /** @type {const} */ ({ to: "host", type: "shown", id: s.face?.id });
  return emit({ ...s, armedAt: m.at + ARM_MS, read: Boolean(m.whole) }, shown);
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
  if (m.act === "back") return { ...n, field: false };
  if (m.act === "previous" || m.act === "next") return page(n, m.act === "next" ? 1 : -1);
  // Pressed before it was armed, even if let go after: not meant for this.
  if (!n.armed || (m.pointer && n.hold !== n.serial)) return n;
  return act({ ...n, hold: 0 }, m);
}

/** @param {State} n @param {Message} m @returns {State} */
function act(n, m) {
  switch (m.act) {
    case "allow":
      if (n.face?.kind !== "permission" || n.field) return n;
      return n.read ? send(n, { decision: "allow" }) : emit(n, { to: "page", type: "more" });
    case "plan":
    case "plan_edits":
      return n.face?.kind === "plan" && !n.field ? approvePlan(n, m.act === "plan_edits") : n;
    case "deny":
      return send(n, { decision: "deny", ...written(n) });
    case "deny_stop":
      return send(n, { decision: "deny", ...written(n), interrupt: true });
    case "release":
      return n.face?.headless ? n : send(n, { decision: "release" });
    case "field":
      return { ...n, field: true };
    case "jump":
      return emit(n, { to: "host", type: "jump", session: n.face?.session });
    case "later":
      return putOff(n, m.wall);
    default:
      return n;
  }
}

/** Claude ignores a bare yes to a plan: the plan itself is the answer. @param {State} n @param {boolean} edits accept edits from then on @returns {State} */
function approvePlan(n, edits) {
  if (!n.read) return emit(n, { to: "page", type: "more" });
  const mode = { updated_permissions: [{ type: "setMode", mode: "acceptEdits", destination: "session" }] };
  return send(n, { decision: "allow", updated_input: n.face?.input, ...(edits ? mode : {}) });
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

/** @param {State} n @param {number} wall @returns {State} */
function putOff(n, wall) {
  if (!n.face) return n;
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
  const done = [...s.done, m.id].slice(-REMEMBERED);
  if (m.ok) return next({ ...s, done });
  if (m.status === 409 && m.approval?.state === "settled") return close({ ...s, done }, m.approval, m.at);
  const kind = { 403: "refused", 404: "unknown", 409: "changed" }[/** @type {number} */ (m.status)] ?? "unsent";
  const note = { kind, detail: m.detail ?? "" };
  return settle({ ...s, sending: null, note, unsent: kind === "unsent" }, m.at);
}

/** @param {State} n @param {Effect} effect @returns {State} */
function emit(n, effect) {
  return { ...n, out: [...n.out, effect] };
}

/** @param {Record<string, string>} drafts @param {Approval[]} pending */
function keep(drafts, pending) {
  return Object.fromEntries(Object.entries(drafts).filter(([id]) => pending.some((a) => a.id === id)));
}
