/**
 * Sessions → groups of need, as the list shows them. Pure.
 *
 * @typedef {import("../wire").Session} Session
 * @typedef {{id: "needs"|"working"|"idle"|"ended", title: string, sessions: Session[]}} Group
 * @typedef {{find: string, dismissed: boolean}} Wanted
 */

const TITLES = /** @type {const} */ ({ needs: "Needs you", working: "Working", idle: "Idle", ended: "Ended" });

/** @param {Session} s @returns {Group["id"]} */
function groupOf(s) {
  if (s.state === "ended") return "ended";
  if (s.needs_you) return "needs";
  return s.state === "idle" || s.state === "lost" || s.state === "done" || s.state === "failed" ? "idle" : "working";
}

/**
 * What is to be seen of `sessions`, in groups that have any, and how many are hidden as dismissed.
 * @param {Session[]} sessions in the order of need @param {Wanted} wanted @returns {{groups: Group[], dismissed: number, shown: number}}
 */
export function groups(sessions, { find, dismissed }) {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length ? sessions.filter((s) => matches(s, words)) : sessions;
  const isHidden = (/** @type {Session} */ s) => s.dismissed && s.state !== "ended";
  const shown = dismissed ? found : found.filter((s) => !isHidden(s));
  const all = /** @type {Group["id"][]} */ (Object.keys(TITLES)).map((id) => ({ id, title: TITLES[id], sessions: shown.filter((s) => groupOf(s) === id) }));
  return { groups: all.filter((g) => g.sessions.length > 0), dismissed: found.filter(isHidden).length, shown: shown.length };
}

/** Every word is somewhere in what names the session. @param {Session} s @param {string[]} words */
function matches(s, words) {
  const text = [s.project, s.branch, s.cwd, s.worktree, s.tag, s.title].filter(Boolean).join("\n").toLowerCase();
  return words.every((w) => text.includes(w));
}

/** The session `by` rows from `key`, as the groups stand; at the ends it stays. @param {Group[]} list @param {string} key @param {number} by */
export function beside(list, key, by) {
  const all = list.flatMap((g) => g.sessions);
  const at = all.findIndex((s) => s.key === key);
  return at < 0 ? all[0] : all[Math.max(0, Math.min(all.length - 1, at + by))];
}
