/** Cards of tools that read and write files, and look for them. */

import { html } from "../vendor/lit-html/lit-html.js";
import { counts, diff, oddities } from "./diff.js";
import { marksOf, wholeInput } from "./input.js";
import { others } from "./others.js";
import { path } from "./path.js";
import { block, code } from "./text.js";
import { inLines } from "./whole.js";

/**
 * @typedef {import("./cards.js").Card} Card
 * @typedef {import("./yes.js").View} View
 * @typedef {import("../wire").CardFile} CardFile
 */

/** Fields of which the words above the lines of a cell tell. */
const TOLD = ["cell_id", "edit_mode"];

/** @param {Record<string, unknown>} input @param {string[]} keys */
function without(input, keys) {
  return Object.fromEntries(Object.entries(input).filter(([key]) => !keys.includes(key)));
}

/** What was found out of its file, once that is here. @param {View} v @returns {CardFile|null} */
function fileOf({ a, s }) {
  return s.cards[a.id]?.file ?? null;
}

/** Which field names the file. @param {View} v */
function keyOf({ a }) {
  return a.tool === "NotebookEdit" ? "notebook_path" : "file_path";
}

/** @param {View} v */
function change(v) {
  const key = keyOf(v);
  if (typeof v.a.input[key] !== "string") return wholeInput(v.a);
  const file = fileOf(v);
  const rest = without(v.a.input, [key, ...inLines(v.a, v.s.cards[v.a.id]), ...(file?.diff && file.part ? TOLD : [])]);
  // Told of by the lines themselves.
  if (file?.diff && rest.replace_all === false) delete rest.replace_all;
  return html`${path(v, key, file?.diff ? counts(file.diff) : "")}${file ? oddities(file) : ""}
    ${file?.diff ? html`${diff(v, file.diff)}${others(rest)}` : wholeInput(v.a, rest)}`;
}

/** @type {Card} */
const edit = { heading: (_, v) => (v && isNew(v) ? "Create this file?" : "Edit this file?"), body: change, act: "decide" };

/** @type {Card} */
const write = { ...edit, heading: (_, v) => (v && isNew(v) ? "Create this file?" : "Write this file?") };

/** A change too long to be shown but as lines, while these have not come. @type {Card} */
export const awaited = {
  heading: (a) => files[a.tool].heading(a),
  body: (v) => html`<div id="input" tabindex="0" role="group" aria-label="File">${path(v, keyOf(v))}</div><p class="dim">Looking at what changes…</p>`,
  act: "decide",
  part: true,
};

/** @param {View} v */
function isNew(v) {
  const file = fileOf(v);
  return file !== null && !file.exists && file.diff !== null && file.problem === null;
}

/** @type {Card} */
const read = {
  heading: () => "Read this file?",
  body: (v) => {
    const key = typeof v.a.input.file_path === "string" ? "file_path" : "notebook_path";
    if (typeof v.a.input[key] !== "string") return wholeInput(v.a);
    const { offset, limit } = v.a.input;
    const told = stretch(offset, limit);
    return html`<div id="input" tabindex="0" role="group" aria-label="File">${path(v, key)}</div>
      ${told ? html`<p class="where">${told}</p>` : ""}${others(without(v.a.input, told ? [key, "offset", "limit"] : [key]))}`;
  },
  act: "decide",
};

/** Which lines, where that is said in plain numbers. @param {unknown} offset @param {unknown} limit */
function stretch(offset, limit) {
  const fits = (/** @type {unknown} */ n) => n === undefined || (Number.isSafeInteger(n) && Number(n) > 0);
  if (!fits(offset) || !fits(limit) || (offset === undefined && limit === undefined)) return "";
  const from = Number(offset ?? 1);
  return limit === undefined ? `From line ${from} on` : `Lines ${from} to ${from + Number(limit) - 1}`;
}

/** @type {Card} */
const find = {
  heading: (a) => (a.tool === "Glob" ? "Look for these files?" : "Search in files?"),
  body: (v) => {
    const { pattern, path: folder, ...rest } = v.a.input;
    if (typeof pattern !== "string") return wholeInput(v.a);
    const inside = typeof folder === "string" ? html`<p class="where">in <code dir="ltr">${code(folder)}</code></p>` : others(folder === undefined ? {} : { path: folder });
    return html`${block(code(pattern, undefined, marksOf(v.a, "pattern", 0, pattern.length)), "Pattern")}${inside}${others(rest)}`;
  },
  act: "decide",
};

/** @type {Record<string, Card>} */
export const files = { Edit: edit, MultiEdit: edit, NotebookEdit: edit, Write: write, Read: read, NotebookRead: read, Glob: find, Grep: find };
