/**
 * What the popup's mind holds, and what can be read off it. Pure; `queue.js` changes it.
 *
 * @typedef {import("./wire").Approval} Approval
 * @typedef {{to: "host"|"daemon"|"page", type: string, [key: string]: any}} Effect
 * @typedef {ReturnType<typeof start>} State
 */

import { formOf } from "./forms.js";

/** How long a request is on the screen before a press counts. */
export const ARM_MS = 400;
/** How long “Answered in the terminal” stands. */
export const CLOSE_MS = 900;
/** From here on the time is amber, and what was put off comes back. */
export const LAST_MS = 60_000;
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
    /** Not to be shown just now, as the host says. @type {string[]} */ silent: [],
    /** Put off until asked for or until the last minute; what hides its terminal goes there instead. @type {{id: string, final: boolean}[]} */ later: [],
    /** Decided here. @type {string[]} */ done: [],
    /** Messages being written, by request. @type {Record<string, string>} */ drafts: {},
    /** What is being made of them, by request. @type {Record<string, import("./forms.js").Form>} */ forms: {},
    /** Whether there is more to fetch about a request before it counts as shown. */ material: false,
    /** What was fetched, by request; `null` where that failed, and the input alone is shown. @type {Record<string, any>} */ cards: {},
    /** For what it was asked last. */ asked: "",
    field: false,
    /** When the daemon was last told that somebody fills in a form, on the monotonic clock. */ filling: { id: "", at: 0 },
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

/** What the page is: nothing, a request, its closing words, or the loss of the daemon. @param {State} s */
export function phase(s) {
  if (s.daemon === "lost") return s.closed || !s.face ? "empty" : "lost";
  if (!s.face) return "empty";
  return s.closing ? "closing" : "ask";
}

/** The requests one can page through. @param {State} s */
export function visible(s) {
  return s.pending.filter((a) => !s.done.includes(a.id) && !s.silent.includes(a.id) && !s.later.some((l) => l.id === a.id));
}

/** “2 of 5”, or nothing for a single one. @param {State} s */
export function position(s) {
  const list = visible(s);
  return { index: list.findIndex((a) => a.id === s.face?.id), count: list.length };
}

/** Whether a yes to something that is to be read would be heard now. @param {State} s */
export function mayGive(s) {
  return s.armed && s.read;
}

/** Whether Approve would be heard now. @param {State} s */
export function mayAllow(s) {
  return mayGive(s) && s.face?.kind === "permission";
}

/** The form of what is on the page. @param {State} s */
export function form(s) {
  return s.face ? formOf(s.forms, s.face) : { panel: "" };
}

/** Whether all there is to see of it has come. @param {State} s */
export function complete(s) {
  return !s.material || (s.face !== null && Object.hasOwn(s.cards, s.face.id));
}

/** How many rows of a change have not come yet. @param {State} s @returns {number} */
export function rest(s) {
  return s.cards[s.face?.id ?? ""]?.file?.diff?.left ?? 0;
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
