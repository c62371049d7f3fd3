/** Whether all of a request can be shown here: what cannot is not approved here. Pure. */

import { marks } from "./escapes.js";

/** @typedef {import("../wire").Approval} Approval */

/** More text than this is not read in a popup, and not approved in one. */
export const MOST = 100_000;
/** Nor with more hidden characters than this. */
export const MOST_MARKS = 2_000;

/** @type {WeakMap<object, {length: number, odd: number}>} */
const measured = new WeakMap();

/** How much text the input holds, and how many marks in it. @param {Approval} a */
function measure(a) {
  let m = measured.get(a.input);
  if (!m) {
    const text = Object.entries(a.input).flat().map((v) => (typeof v === "string" ? v : JSON.stringify(v))).join("\n");
    m = { length: text.length, odd: text.length <= MOST ? marks(text, true).length : 0 };
    measured.set(a.input, m);
  }
  return m;
}

/** Whether the whole input can be shown. @param {Approval} a */
export function fits(a) {
  const { length, odd } = measure(a);
  return length <= MOST && odd <= MOST_MARKS;
}

/** Whether something in the input would not be seen for what it is. @param {Approval} a */
export function hides(a) {
  return measure(a).odd > 0;
}
