/** Times in words. Pure: both ends are given, in milliseconds. */

import { LAST_MS } from "../queue.js";

/** `just now · 12 s ago · 3 min ago · 14:10`. @param {number} then @param {number} now */
export function ago(then, now) {
  const s = Math.floor(Math.max(0, now - then) / 1000);
  if (s < 3) return "just now";
  if (s < 60) return `${s} s ago`;
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  const d = new Date(then);
  return `at ${d.getHours()}:${String(d.getMinutes()).padStart(2, "0")}`;
}

/** `8:48`. @param {number} ms */
export function clock(ms) {
  const s = Math.ceil(Math.max(0, ms) / 1000);
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}

/**
 * What is left, in words and as a part of the whole; the line and the words say the same.
 * @param {{opened: number, expires: number, headless: boolean}} a @param {number} now
 */
export function left(a, now) {
  const ms = Math.max(0, a.expires - now);
  const whole = Math.max(1, a.expires - a.opened);
  const soon = ms <= LAST_MS;
  const then = a.headless ? "then denied" : "then the terminal asks";
  const words = ms === 0 ? "Time is up" : soon ? `${clock(ms)}, ${then}` : `${clock(ms)} left`;
  return { words, soon, value: Math.min(whole, Math.ceil(ms / 1000) * 1000), max: whole };
}
