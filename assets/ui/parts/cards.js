/**
 * What is asked, one card per tool or kind. A card is chosen by `cardFor`;
 * to add one, write its functions and name it in `cards`.
 *
 * @typedef {import("../wire").Approval} Approval
 * @typedef {import("./yes.js").View} View
 * @typedef {{
 *   heading: (a: Approval, v?: View) => string,
 *   body: (v: View) => unknown,
 *   act: "decide"|"terminal",
 *   denies?: string,
 *   field?: string,
 *   sends?: string,
 *   bare?: boolean,
 *   part?: boolean,
 * }} Card  `act`: decided here, or only let go to the terminal; `denies`: its word for no; `field`, `sends`: what its message is for;
 *   `bare`: the body has the heading; `part`: the input is not shown whole, so nothing in it is marked
 */

import { html } from "../vendor/lit-html/lit-html.js";
import { asked } from "../forms/elicitation.js";
import { questions } from "../forms/question.js";
import { elicitation as elicitationBody, heading, unfilled } from "./elicitation.js";
import { fields, json } from "./fields.js";
import { others } from "./others.js";
import { plan as planBody } from "./plan.js";
import { question as questionBody, unasked } from "./question.js";
import { shell } from "./shell.js";
import { main, reasons, stresses } from "./risk.js";
import { block, code, line } from "./text.js";
import { fits } from "./whole.js";

/** @type {Record<string, string>} */
const HEADINGS = {
  Edit: "Edit this file?",
  MultiEdit: "Edit this file?",
  NotebookEdit: "Edit this file?",
  Write: "Write this file?",
  Read: "Read this file?",
  WebFetch: "Fetch this page?",
};

/** @type {Card} */
const anyTool = {
  heading: (a) => (Object.hasOwn(HEADINGS, a.tool) && HEADINGS[a.tool]) || "Use this tool?",
  body: ({ a }) => block(inputFields(a), "Input of the tool"),
  act: "decide",
};

/** @type {Card} */
const bash = {
  heading: () => "Run this command?",
  body: ({ a }) => {
    const { command, description, ...rest } = a.input;
    const text = String(command);
    return html`${block(code(text, shell(text), stresses(reasons(a))), "Command")}${others(rest)}`;
  },
  act: "decide",
};

/** @type {Card} */
const question = { heading: () => "Claude asks", body: questionBody, act: "decide", denies: "Don’t answer", bare: true };

/** A question that could not be answered right from here. @type {Card} */
const oddQuestion = { ...question, body: unasked, act: "terminal", bare: false };

/** @type {Card} */
const plan = {
  heading: (_, v) => (v?.form.panel === "edit" ? "Approve this plan as edited?" : "Approve this plan?"),
  body: planBody,
  act: "decide",
  denies: "Send back",
  sends: "Send back",
  field: "What should change in the plan?",
};

/** @type {Card} */
const elicitation = { heading, body: elicitationBody, act: "decide", denies: "Decline", bare: true };

/** What no form here can give. @type {Card} */
const oddElicitation = { ...elicitation, body: unfilled, act: "terminal" };

/** @type {Card} */
const tooLarge = {
  heading: () => "Too much to show here",
  body: ({ a }) => {
    const text = JSON.stringify(a.input);
    return html`<p class="what">Claude wants to use ${line(a.tool)} with ${text.length.toLocaleString("en")} characters of input.
        Here is how it begins. Read all of it in the terminal, and decide there.</p>
      ${block(code(text.slice(0, 600)), "Beginning of the input")}`;
  },
  act: "terminal",
  part: true,
};

/** By kind where the kind says it all, else by tool; any other tool has the plain one. */
export const cards = {
  /** @type {Record<string, Card>} */ kinds: { question, plan, elicitation },
  /** @type {Record<string, Card>} */ tools: { Bash: bash },
};

/** @param {Approval} a @returns {Card} */
export function cardFor(a) {
  if (!fits(a)) return tooLarge;
  if (a.kind === "question" && typeof questions(a) === "string") return oddQuestion;
  if (a.kind === "elicitation" && typeof asked(a) === "string") return oddElicitation;
  if (a.kind !== "permission") return cards.kinds[a.kind] ?? elicitation;
  if (a.tool === "Bash" && typeof a.input.command !== "string") return anyTool;
  return Object.hasOwn(cards.tools, a.tool) ? cards.tools[a.tool] : anyTool;
}

/** @param {Approval} a */
function inputFields(a) {
  const all = fields(a.input);
  if (all.length === 0) return html`<span class="k-op">no input</span>`;
  return all.map(({ key, kind, text }) => {
    const pieces = kind === "json" ? json(text) : undefined;
    return html`<span class="f ${kind === "short" ? "short" : ""}"><span class="f-key">${line(key)}</span><span class="f-val">${code(text, pieces, marksIn(a, key, text))}</span></span>`;
  });
}

/** The marks of a field, if they are in it; its text may be drawn in quotes. @param {Approval} a @param {string} key @param {string} drawn */
function marksIn(a, key, drawn) {
  const marked = main(a);
  const shift = marked?.key === key ? drawn.indexOf(marked.text) : -1;
  if (shift < 0) return [];
  return stresses(reasons(a)).map((s) => ({ ...s, at: s.at + shift, end: s.end + shift }));
}
