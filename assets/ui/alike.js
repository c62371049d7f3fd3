/** Requests for the very same, which one yes may answer together. Pure. @typedef {import("./wire").Approval} Approval */

/**
 * Those that ask the same, this one first; none when it is the only one, or when one of them is of high risk or not
 * known yet.
 * @param {Approval[]} pending @param {Approval} a @returns {Approval[]}
 */
export function alike(pending, a) {
  if (a.kind !== "permission") return [];
  const others = pending.filter((b) => b.id !== a.id && b.kind === a.kind && b.tool === a.tool && same(a.input, b.input));
  const fit = [a, ...others].every((b) => b.risk?.level === "low" || b.risk?.level === "medium");
  return others.length > 0 && fit ? [a, ...others] : [];
}

/** What is sent for all of them: each as it was shown. @param {Approval[]} all */
export function together([first, ...others]) {
  return { shown: first.shown, ids: others.map(({ id, shown }) => ({ id, shown })) };
}

/** @param {any} x @param {any} y @returns {boolean} */
function same(x, y) {
  if (x === y) return true;
  if (x === null || y === null || typeof x !== "object" || typeof y !== "object" || Array.isArray(x) !== Array.isArray(y)) return false;
  const keys = Object.keys(x);
  return keys.length === Object.keys(y).length && keys.every((key) => Object.hasOwn(y, key) && same(x[key], y[key]));
}
