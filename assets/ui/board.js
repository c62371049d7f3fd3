/**
 * The picture that every tab draws, and how the daemon's frames change it. Pure.
 *
 * @typedef {import("./wire").Approval} Approval
 * @typedef {import("./wire").Session} Session
 * @typedef {ReturnType<typeof empty>} Board
 */

/** How many decisions are remembered without asking the daemon. */
const RECENT = 50;

/** The order of need of the states; the daemon sorts by the same. */
const STATES = ["awaiting_permission", "awaiting_answer", "failed", "stuck", "done", "working", "idle", "lost", "ended"];

export function empty() {
  return {
    /** @type {Map<string, Session>} */ sessions: new Map(),
    /** Waiting, by id. @type {Map<string, Approval>} */ pending: new Map(),
    /** Settled since this page is open, newest first. @type {Approval[]} */ settled: [],
    rulesPaused: false,
    /** Until when the user wants to be left alone, ms since the epoch. @type {number|null} */ quietUntil: null,
    /** What is wrong with the daemon. @type {string|null} */ trouble: null,
    version: "",
    /** When the daemon started. */ started: 0,
  };
}

/** @param {Board} board @param {any} frame @returns {Board} */
export function fold(board, frame) {
  switch (frame.type) {
    case "snapshot":
      return snapshot(board, frame);
    case "session_update":
      return { ...board, sessions: new Map(board.sessions).set(frame.session.key, frame.session) };
    case "session_gone":
      return { ...board, sessions: without(board.sessions, frame.key) };
    case "approval_pending":
      return { ...board, pending: new Map(board.pending).set(frame.approval.id, frame.approval) };
    case "approval_resolved":
      return {
        ...board,
        pending: without(board.pending, frame.approval.id),
        settled: [frame.approval, ...board.settled.filter((a) => a.id !== frame.approval.id)].slice(0, RECENT),
      };
    case "rules":
      return { ...board, rulesPaused: frame.paused };
    case "quiet":
      return { ...board, quietUntil: frame.until };
    case "trouble":
      return { ...board, trouble: frame.trouble };
    default:
      return board;
  }
}

/** @param {Board} board @param {any} frame */
function snapshot(board, frame) {
  return {
    ...board,
    sessions: new Map(frame.sessions.map((/** @type {Session} */ s) => [s.key, s])),
    pending: new Map(frame.approvals.map((/** @type {Approval} */ a) => [a.id, a])),
    rulesPaused: frame.rules_paused ?? false,
    quietUntil: frame.quiet_until ?? null,
    trouble: frame.trouble ?? null,
    version: frame.version ?? "",
    started: frame.started ?? 0,
  };
}

/** @template T @param {Map<string, T>} map @param {string} key @returns {Map<string, T>} */
function without(map, key) {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}

/** Waiting, oldest first. @param {Board} board */
export function queue(board) {
  return [...board.pending.values()].sort((a, b) => a.opened - b.opened || (a.id < b.id ? -1 : 1));
}

/** Pinned first, then by need; within one, the longest waiting first, and of what rests the newest. @param {Board} board */
export function byNeed(board) {
  return [...board.sessions.values()].sort(
    (a, b) => Number(b.pinned) - Number(a.pinned) || rank(a) - rank(b) || (rank(a) < STATES.indexOf("working") ? a.since - b.since : b.last_activity - a.last_activity) || (a.key < b.key ? -1 : 1),
  );
}

/** @param {Session} session */
function rank(session) {
  return STATES.indexOf(session.needs_you || session.state === "ended" ? session.state : session.state === "working" ? "working" : "idle");
}

/** How many sessions need a human. @param {Board} board */
export function needs(board) {
  return [...board.sessions.values()].filter((s) => s.needs_you).length;
}
