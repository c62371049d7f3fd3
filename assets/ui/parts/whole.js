/** Whether all of a request can be shown here: what cannot is not approved here. Pure. */

import { marks } from "./escapes.js";

/**
 * @typedef {import("../wire").Approval} Approval
 * @typedef {import("../wire").Card} Material  what was fetched of a request
 * @typedef {import("../wire").Hunk} Hunk
 * @typedef {{length: number, odd: number}} Measure
 */

/** More text than this is not read in a popup, and not approved in one. */
export const MOST = 100_000;
/** Nor with more hidden characters than this. */
const MOST_MARKS = 2_000;

/** What of an input the lines of a diff show, page after page, by tool. @type {Record<string, string[]>} */
const TEXTS = { Edit: ["old_string", "new_string"], MultiEdit: ["edits"], Write: ["content"], NotebookEdit: ["new_source"] };
/** What of an edit they show. */
const OF_AN_EDIT = ["old_string", "new_string", "replace_all"];

/** @type {WeakMap<object, Measure>} */
const measured = new WeakMap();
/** @type {WeakMap<object, Measure>} */
const beside = new WeakMap();
/** @type {WeakMap<Hunk, number>} */
const counted = new WeakMap();

/** The fields of the input that the lines of its diff show. @param {Approval} a @param {Material|null} [card] @returns {string[]} */
export function inLines(a, card) {
  if (!card?.file?.diff || a.kind !== "permission" || !Object.hasOwn(TEXTS, a.tool)) return [];
  return TEXTS[a.tool].filter((key) => typeof a.input[key] === "string" || (key === "edits" && plainEdits(a.input[key])));
}

/** @param {unknown} edits */
function plainEdits(edits) {
  return Array.isArray(edits) && edits.every((edit) => edit !== null && typeof edit === "object" && Object.keys(edit).every((key) => OF_AN_EDIT.includes(key)));
}

/** How much text the input holds, and how many marks in it; not counting these fields. @param {Approval} a @param {string[]} lines @returns {Measure} */
function measure(a, lines) {
  const known = lines.length ? beside : measured;
  let m = known.get(a.input);
  if (!m) {
    const entries = Object.entries(a.input).filter(([key]) => !lines.includes(key));
    const text = entries.flat().map((v) => (typeof v === "string" ? v : JSON.stringify(v))).join("\n");
    m = { length: text.length, odd: text.length <= MOST ? marks(text, true).length : 0 };
    known.set(a.input, m);
  }
  return m;
}

/** How many marks are in these lines. @param {Hunk} hunk */
function marksIn(hunk) {
  const known = counted.get(hunk) ?? hunk.rows.reduce((sum, [, text]) => sum + marks(text, true).length, 0);
  counted.set(hunk, known);
  return known;
}

/** What is drawn of a request, beside how many lines. @param {Approval} a @param {Material|null} [card] @returns {Measure & {rows: number}} */
function drawn(a, card) {
  const lines = inLines(a, card);
  const { length, odd } = measure(a, lines);
  const hunks = lines.length ? (card?.file?.diff?.hunks ?? []) : [];
  return hunks.reduce((all, hunk) => ({ length, odd: all.odd + marksIn(hunk), rows: all.rows + hunk.rows.length }), { length, odd, rows: 0 });
}

/** Whether the whole input can be shown: as it is, or its texts as the lines that they change. @param {Approval} a @param {Material|null} [card] */
export function fits(a, card) {
  const { length, odd, rows } = drawn(a, card);
  // A mark at the end of each line is how some files are written.
  return length <= MOST && odd <= MOST_MARKS + rows;
}

/** Whether it could be shown once the lines that it changes are here. @param {Approval} a */
export function fitsAsLines(a) {
  return fits(a, /** @type {Material} */ ({ file: { diff: { hunks: /** @type {Hunk[]} */ ([]) } } }));
}

/** Whether something in it would not be seen for what it is. @param {Approval} a @param {Material|null} [card] */
export function hides(a, card) {
  return drawn(a, card).odd > 0;
}
