/**
 * Keys of the popup → presses. Pure; nothing is heard without the focus.
 *
 * @typedef {"field"|"text"|"lines"|"select"|"allow"|"button"|"choice"|"other"} Spot  where the focus is: in the message,
 *   in a text of one line or of several, in a list, on Approve, on another button, on an option, elsewhere
 * @typedef {{key: string, repeat: boolean, modified: boolean, control?: boolean, composing: boolean, shift: boolean, on: Spot}} Key
 * @typedef {{focused: boolean, field: boolean, lost: boolean, jumps?: boolean, risky?: boolean, kind?: string, panel?: string}} Page
 *   `risky`: the first A only goes to the button, the second one on it decides; `kind`: of the request; `panel`: what is open in it
 * @typedef {{act: string, n?: number}} Press  `n`: which option
 */

/** @type {Record<string, string>} */
const PLAIN = {
  a: "allow",
  d: "field",
  e: "edit",
  t: "release",
  j: "jump",
  Escape: "later",
  ArrowLeft: "previous",
  ArrowRight: "next",
};

/** What A means. @type {Record<string, string>} */
const YES = { plan: "plan" };
/** What is answered, not approved. */
const ANSWERED = ["question", "elicitation"];
/** Beside a form to be filled in no letter decides: it was meant for a field. */
const JUMPS = /^j$/i;
/** What has a text of its own to write: a letter beside it was meant for it. */
const WRITES = ["edit"];

/**
 * What a key does: a press, nothing of ours (`null`), or nothing at all (`act: ""`).
 * @param {Page} page @param {Key} k
 * @returns {Press|null}
 */
export function press(page, k) {
  if (!page.focused || k.composing || k.on === "select") return null;
  if (k.on === "text" || k.on === "lines") return inText(page, k);
  if (k.modified) return null;
  if (k.on === "field") return inField(k);
  if (k.key === "Enter") return enter(page, k);
  if (/^[1-9]$/.test(k.key)) return digit(page, k);
  if (page.kind === "elicitation" && /^[a-z]$/i.test(k.key)) return JUMPS.test(k.key) ? letter(page, k) : { act: "" };
  return letter(page, k);
}

/** @param {Page} page @param {Key} k */
function letter(page, k) {
  const act = PLAIN[k.key.length === 1 ? k.key.toLowerCase() : k.key];
  if (!act || (act === "jump" && page.jumps === false)) return null;
  if (k.repeat) return act === "previous" || act === "next" ? { act } : { act: "" };
  if (page.lost) return act === "jump" || act === "later" ? { act } : null;
  if (page.field) return whileWriting(act, "field");
  if (WRITES.includes(page.panel ?? "")) return whileWriting(act, "edit");
  if (page.panel && act === "later") return { act: "back" };
  if (act === "allow" && page.risky && k.on !== "allow") return { act: "aim" };
  return { act: act === "allow" ? (YES[page.kind ?? ""] ?? act) : act };
}

/** @param {Key} k */
function inField(k) {
  if (k.key === "Escape") return { act: "back" };
  if (k.key !== "Enter" || k.shift) return null;
  return { act: k.repeat ? "" : "deny" };
}

/** In a text all letters are text. @param {Page} page @param {Key} k */
function inText(page, k) {
  if (k.key === "Escape" && !k.modified) return { act: "leave" };
  if (k.key !== "Enter" || k.shift || Boolean(k.control) !== (k.on === "lines") || page.lost) return null;
  const act = yes(page);
  if (k.on === "text" && act !== "answer") return null;
  return { act: k.repeat ? "" : act === "allow" && page.risky ? "aim" : act };
}

/** @param {Page} page */
function yes(page) {
  return ANSWERED.includes(page.kind ?? "") ? "answer" : (YES[page.kind ?? ""] ?? "allow");
}

/** Enter approves nothing. On another button it is that button's, once; elsewhere it answers a question. @param {Page} page @param {Key} k */
function enter(page, k) {
  if (k.on === "allow") return { act: "" };
  if (k.on === "button") return k.repeat ? { act: "" } : null;
  if (page.lost || page.field || yes(page) !== "answer") return null;
  return { act: k.repeat ? "" : "answer" };
}

/** @param {Page} page @param {Key} k */
function digit(page, k) {
  if (page.kind !== "question" || page.lost || page.field) return null;
  return k.repeat ? { act: "" } : { act: "option", n: Number(k.key) - 1 };
}

/** A text is open, the focus is beside it: a letter meant for it decides nothing. @param {string} act @param {string} opens what leads back to it */
function whileWriting(act, opens) {
  if (act === "later") return { act: "back" };
  return { act: act === opens ? act : "" };
}
