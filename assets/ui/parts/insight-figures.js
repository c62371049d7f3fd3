/**
 * What the daemon counted → what is drawn of it. Pure.
 *
 * @typedef {{day: string, rules: number, you: number, terminal: number, denied: number, other: number}} Day
 * @typedef {{from: number, to: number, decisions: number, by_rules: number, by_you: number, median_ms: number|null, waited_ms: number, timed_out: number,
 *   days: Day[], times: {upto_ms: number, count: number}[], tools: {tool: string, count: number, median_ms: number|null}[],
 *   projects: {project: string, count: number, waited_ms: number}[]}} Figures
 */

import { counted, span } from "./when.js";

/** Who decided, from the bottom of a bar up. @type {[keyof Omit<Day, "day">, string, string][]} */
export const HANDS = [
  ["rules", "Rules", "s1"],
  ["you", "You", "s2"],
  ["terminal", "Terminal", "s3"],
  ["denied", "Denied", "hatch"],
  ["other", "Nobody", "s5"],
];

/** Every day from the first to the last, those without a decision too. @param {Figures} f @returns {Day[]} */
export function everyDay(f) {
  const known = new Map(f.days.map((d) => [d.day, d]));
  for (let at = new Date(f.from); at.getTime() <= f.to && known.size < 400; at.setDate(at.getDate() + 1)) {
    const day = dayName(at);
    if (!known.has(day)) known.set(day, { day, rules: 0, you: 0, terminal: 0, denied: 0, other: 0 });
  }
  return [...known.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** @param {Date} d */
function dayName(d) {
  return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, "0")}-${String(d.getDate()).padStart(2, "0")}`;
}

/** A day as the row of days names it: its number, and its month. @param {Day} d */
export function dayLabel(d) {
  const [, month, day] = d.day.split("-").map(Number);
  return { label: String(day), group: new Date(2000, month - 1, 1).toLocaleString("en", { month: "short" }) };
}

/** `Sat 21 Nov: 18 by rules, 3 by you`. @param {Day} d */
export function dayTip(d) {
  const [y, m, n] = d.day.split("-").map(Number);
  const name = new Date(y, m - 1, n).toLocaleDateString("en", { weekday: "short", day: "numeric", month: "short" });
  const parts = HANDS.filter(([k]) => d[k] > 0).map(([k, word]) => `${d[k]} ${word.toLowerCase()}`);
  return `${name}: ${parts.length ? parts.join(", ") : "nothing was asked"}`;
}

/** `8` seconds, `2 m`. @param {number} ms */
export function timeLabel(ms) {
  const s = ms / 1000;
  return s <= 60 ? String(s) : `${Math.round(s / 60)} m`;
}

/** Where in the row of times a duration lies, 0 to their number; evenly within each. @param {{upto_ms: number}[]} times @param {number} ms */
export function placeOf(times, ms) {
  const i = times.findIndex((t) => ms <= t.upto_ms);
  if (i < 0) return times.length;
  const from = i === 0 ? 0 : times[i - 1].upto_ms;
  return i + (ms - from) / (times[i].upto_ms - from);
}

/** One sentence for the chart of times. @param {Figures} f */
export function timesSaid(f) {
  const all = f.times.reduce((n, t) => n + t.count, 0);
  if (all === 0 || f.median_ms === null) return "Time to decide: you decided nothing in these days";
  let seen = 0;
  const most = f.times.find((t) => (seen += t.count) >= all * 0.9);
  return `Time to decide: half within ${span(f.median_ms)}, nine of ten within ${span(most?.upto_ms ?? 540_000)}`;
}

/** One sentence for the chart of days. @param {Figures} f */
export function daysSaid(f) {
  return `Decisions per day, ${counted(f.days.length, "day")}: ${counted(f.decisions, "decision")}, of them ${f.by_rules.toLocaleString("en")} by rules and ${f.by_you.toLocaleString("en")} by you`;
}

/** How much of it, in whole percent; a little is not nothing, nearly all is not all. @param {number} part @param {number} whole */
export function percent(part, whole) {
  if (whole === 0 || part === 0) return "0 %";
  if (part >= whole) return "100 %";
  return `${Math.min(99, Math.max(1, Math.round((part / whole) * 100)))} %`;
}

/** The first few, and the others in one. @template {{count: number, waited_ms: number, project: string}} T @param {T[]} projects @param {number} most */
export function mostWaited(projects, most) {
  const sorted = projects.filter((p) => p.waited_ms > 0).sort((a, b) => b.waited_ms - a.waited_ms);
  const rest = sorted.slice(most).reduce((n, p) => n + p.waited_ms, 0);
  return { first: sorted.slice(0, most), rest };
}
