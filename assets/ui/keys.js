/**
 * Keys of the popup → presses. Pure; nothing is heard without the focus.
 *
 * @typedef {{key: string, repeat: boolean, modified: boolean, composing: boolean, shift: boolean, on: "field"|"allow"|"other"}} Key
 */

/** @type {Record<string, string>} */
const PLAIN = {
  a: "allow",
  d: "field",
  t: "release",
  j: "jump",
  Escape: "later",
  ArrowLeft: "previous",
  ArrowRight: "next",
};

/**
 * What a key does: a press, nothing of ours (`null`), or nothing at all (`act: ""`).
 * `risky`: the first A only goes to the button, the second one on it decides.
 * @param {{focused: boolean, field: boolean, lost: boolean, jumps?: boolean, risky?: boolean}} page @param {Key} k
 * @returns {{act: string}|null}
 */
export function press(page, k) {
  if (!page.focused || k.composing || k.modified) return null;
  if (k.on === "field") return inField(k);
  if (k.key === "Enter" && k.on === "allow") return { act: "" }; // Enter approves nothing
  const act = PLAIN[k.key.length === 1 ? k.key.toLowerCase() : k.key];
  if (!act || (act === "jump" && page.jumps === false)) return null;
  if (k.repeat) return act === "previous" || act === "next" ? { act } : { act: "" };
  if (page.lost) return act === "jump" || act === "later" ? { act } : null;
  if (page.field) return whileWriting(act);
  if (act === "allow" && page.risky && k.on !== "allow") return { act: "aim" };
  return { act };
}

/** @param {Key} k */
function inField(k) {
  if (k.key === "Escape") return { act: "back" };
  if (k.key !== "Enter" || k.shift) return null;
  return { act: k.repeat ? "" : "deny" };
}

/** The message field is open, the focus is beside it: a letter meant for it decides nothing. @param {string} act */
function whileWriting(act) {
  if (act === "later") return { act: "back" };
  return { act: act === "field" ? act : "" };
}
