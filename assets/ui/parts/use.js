/** A box or a circle that somebody ticks. */

/**
 * What is being sent stands still. Otherwise the browser's own change is kept: prevented, it would be taken back
 * after the page was drawn.
 * @param {import("./yes.js").View} v @param {Event} e @param {{what: string, [key: string]: any}} m
 */
export function use(v, e, m) {
  if (v.s.sending) e.preventDefault();
  else v.tell(m);
}
