/** How much care a request needs, in words: the level beside the heading, the reasons below the input. */

import { html, svg } from "../vendor/lit-html/lit-html.js";
import { MOST, level, reasons } from "./risk.js";
import { line } from "./text.js";

/**
 * @typedef {import("../wire").Approval} Approval
 * @typedef {import("./risk.js").Reason} Reason
 */

const WORDS = { low: "Low risk", medium: "Medium risk", high: "High risk" };

/** Sentences that say themselves that it is for good. */
const SAID = /\b(?:undone|brought back)\b/i;

/** @type {Record<string, string>} */
const WOULD = { allow: "have allowed it", deny: "have denied it", ask: "have left it to you" };

/** Word, number of bars, colour: none of them alone. @param {Approval} a */
export function pill(a) {
  const l = level(a);
  if (!l) return "";
  const bars = svg`<svg class="bars" viewBox="0 0 14 12" aria-hidden="true"><rect class="b1" x=".5" y="7.5" width="3" height="4" /><rect class="b2" x="5.5" y="4.5" width="3" height="7" /><rect class="b3" x="10.5" y=".5" width="3" height="11" /></svg>`;
  return html`<span class="risk" data-r=${l}>${bars}${WORDS[l]}</span>`;
}

/** Why, the highest first; a low request needs no reasons. @param {Approval} a @param {boolean} marked whether their numbers are in the input */
export function why(a, marked) {
  const all = reasons(a).map((r) => (marked ? r : { ...r, n: 0 }));
  if (all.length === 0) return "";
  const rest = all.length - MOST;
  return html`<ul class="reasons" id="why" aria-label="Why">${all.slice(0, MOST).map(one)}${rest > 0 ? html`<li><span></span><span class="dim">and ${rest} more like these</span></li>` : ""}</ul>`;
}

/** @param {Reason} r */
function one(r) {
  const final = r.final && !SAID.test(r.text) ? html` <b class="final">Cannot be undone.</b>` : "";
  return html`<li data-n=${r.n}><span class="n ${r.level}" aria-hidden="true">${r.n || "!"}</span><span><span class="vh">${WORDS[r.level]}: </span>${line(r.text)}${final}</span></li>`;
}

/** What rules on trial would have done. @param {Approval} a */
export function trials(a) {
  const told = Array.isArray(a.trial) ? a.trial.filter((t) => t && Object.hasOwn(WOULD, t.decision)) : [];
  return told.map((t) => html`<p class="where">A rule on trial, “${line(t.name)}”, would ${WOULD[t.decision]}.</p>`);
}
