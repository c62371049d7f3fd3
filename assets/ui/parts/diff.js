/**
 * What becomes of the lines of a file: sign, number, tint, and marks on the words that differ. Nothing is left out
 * without saying so.
 */

import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "./icons.js";
import { code, line } from "./text.js";

/**
 * @typedef {import("./yes.js").View} View
 * @typedef {import("../wire").CardFile} CardFile
 * @typedef {import("../wire").Diff} Diff
 * @typedef {import("../wire").Hunk} Hunk
 * @typedef {{sign: string, n: number, text: string, marks: [number, number][]}} Row
 */

/** @type {Record<string, string>} */
const LOOK = { "+": "l a", "-": "l d", "\\": "l h" };
/** What a screen reader says for a sign. @type {Record<string, string>} */
const SPOKEN = { "+": "added", "-": "removed" };

/** The lines, and a button for those that have not come yet. @param {View} v @param {Diff} diff */
export function diff(v, diff) {
  if (diff.lines === 0) return html`<p class="note" id="input" tabindex="0">${icon("info")}<span>This changes no line.</span></p>`;
  return html`<div class="code diff" id="input" tabindex="0" role="group" aria-label="Changes"><pre dir="ltr"><code>${hunks(diff.hunks)}</code></pre></div>
    ${diff.left > 0 ? more(v, diff.left) : ""}`;
}

/** @param {View} v @param {number} left */
function more(v, left) {
  const words = `${left.toLocaleString("en")} more ${left === 1 ? "line" : "lines"}`;
  return v.still ? html`<p class="dim">${words}</p>` : html`<button class="btn rest" type="button" data-act="rows">${icon("down", "i-s")}${words}</button>`;
}

/** “+4 −2”. @param {Diff} diff */
export function counts({ added, removed }) {
  const words = `${added} ${added === 1 ? "line" : "lines"} added, ${removed} removed`;
  return html`<span class="counts" role="img" aria-label=${words} title=${words}>+${added} −${removed}</span>`;
}

/** @param {Hunk[]} all */
function hunks(all) {
  let after = 0;
  return all.map((hunk, at) => {
    const rows = numbered(hunk);
    const gap = at > 0 && hunk.new !== after && hunk.new !== 0;
    const begun = at > 0 && hunk.new === after;
    after = hunk.new + rows.filter((row) => row.sign === " " || row.sign === "+").length;
    return html`${gap || (hunk.head && !begun) ? above(hunk.head) : ""}${rows.map(drawn)}`;
  });
}

/** What stands for the lines between, with the line above that says what they are a part of. @param {string|null|undefined} head */
function above(head) {
  return html`<span class="l h" data-n="⋯">${head ? html`<span class="vh">in </span>${code(head)}` : ""}</span>`;
}

/** @param {Hunk} hunk @returns {Row[]} */
function numbered({ old, new: now, rows }) {
  let [before, after] = [old, now];
  return rows.map(([sign, text, marks]) => {
    const n = sign === "-" ? before : after;
    if (sign === " " || sign === "-") before += 1;
    if (sign === " " || sign === "+") after += 1;
    return { sign, n: old === 0 && now === 0 ? 0 : n, text, marks };
  });
}

/** @param {Row} row */
function drawn({ sign, n, text, marks }) {
  if (sign === "\\") return html`<span class="l h" data-n=""><i>${text}</i></span>`;
  const spoken = SPOKEN[sign] ? html`<span class="vh">${SPOKEN[sign]} </span>` : "";
  return html`<span class=${LOOK[sign] ?? "l"} data-n=${n || ""}>${spoken}<span class="sign" aria-hidden="true">${sign === "-" ? "−" : sign} </span>${code(text, pieces(text, marks))}</span>`;
}

/** The text, cut where words differ. @param {string} text @param {[number, number][]} marks */
export function pieces(text, marks) {
  /** @type {import("./spans.js").Piece[]} */
  const out = [];
  let at = 0;
  const upTo = (/** @type {number} */ end, /** @type {string} */ k) => {
    if (end > at) out.push({ k, t: text.slice(at, end), w: -1 });
    at = Math.max(at, end);
  };
  for (const [from, to] of marks) {
    upTo(from, "");
    upTo(to, "word");
  }
  upTo(text.length, "");
  return out;
}

/** What is odd about the file, in words. @param {CardFile} file */
export function oddities(file) {
  return [
    file.link === null ? "" : warning(html`Links lead to another file: what is written is <code dir="ltr">${line(file.link)}</code>.`),
    file.outside ? warning(html`This file is not in the project.`) : "",
    file.problem === null ? "" : warning(html`${line(sentence(file.problem))} ${file.diff ? "Here is what Claude asked for." : ""}`),
    file.part === null ? "" : html`<p class="where">${line(sentence(file.part))}</p>`,
  ];
}

/** @param {unknown} words */
function warning(words) {
  return html`<p class="note warn">${icon("alert")}<span>${words}</span></p>`;
}

/** @param {string} words */
function sentence(words) {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;
}
