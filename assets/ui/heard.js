/** A key as the browser tells it → as `keys.js` takes it. */

/** @param {KeyboardEvent} e @returns {import("./keys.js").Key} */
export function heard(e) {
  const modified = e.ctrlKey || e.altKey || e.metaKey;
  const control = e.ctrlKey && !e.altKey && !e.metaKey;
  return { key: e.key, repeat: e.repeat, shift: e.shiftKey, modified, control, composing: e.isComposing, on: spot(e.target) };
}

/** @param {EventTarget|null} target @returns {import("./keys.js").Spot} */
function spot(target) {
  if (!(target instanceof HTMLElement)) return "other";
  if (target.id === "message") return "field";
  if (target.dataset.act === "allow") return "allow";
  if (target instanceof HTMLTextAreaElement) return "lines";
  if (target instanceof HTMLSelectElement) return "select";
  if (target instanceof HTMLInputElement) return ["checkbox", "radio"].includes(target.type) ? "choice" : "text";
  return target.closest("button, a, summary") ? "button" : "other";
}

/** Whether it is a text somebody writes in. @param {EventTarget|null} target */
export function writes(target) {
  return ["field", "text", "lines"].includes(spot(target));
}
