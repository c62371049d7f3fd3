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
import { plain } from "./escapes.js";
import { awaited, files } from "./files.js";
import { wholeInput } from "./input.js";
import { agents, mcp } from "./mcp.js";
import { others } from "./others.js";
import { plan as planBody } from "./plan.js";
import { question as questionBody, unasked } from "./question.js";
import { shell } from "./shell.js";
import { reasons, stresses } from "./risk.js";
import { block, code, line } from "./text.js";
import { web } from "./web.js";
import { fits, fitsAsLines } from "./whole.js";

/** @type {Card} */
const anyTool = {
  heading: () => "Use this tool?",
  body: ({ a }) => wholeInput(a),
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
const question = { heading: (a, v) => says(a, v), body: questionBody, act: "decide", denies: "Don’t answer", bare: true };

/** For a reader of it aloud. @param {Approval} a @param {View} [v] */
function says(a, v) {
  const all = questions(a);
  const q = typeof all === "string" ? null : all[v?.form.at ?? 0];
  return q ? `Claude asks: ${plain(q.text)}` : "Claude asks";
}

/** A question that could not be answered right from here. @type {Card} */
const oddQuestion = { ...question, heading: () => "Claude asks", body: unasked, act: "terminal", bare: false };

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

/** What no form here can take. @type {Card} */
const oddElicitation = { ...elicitation, body: unfilled, act: "terminal", part: true };

/** A kind that a later daemon knows. @type {Card} */
const unknown = { ...anyTool, act: "terminal" };

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
  /** @type {Record<string, Card>} */ tools: { Bash: bash, ...files, ...web, ...agents },
};

/** As it is on the page: what belongs to it may not have come yet. @param {import("../queue.js").State} s @param {Approval} a @returns {Card} */
export function cardOn(s, a) {
  const waits = s.material && !Object.hasOwn(s.cards, a.id);
  return waits && !fits(a) && fitsAsLines(a) ? awaited : cardFor(a, s.cards[a.id]);
}

/** @param {Approval} a @param {import("./whole.js").Material|null} [material] what was fetched of it @returns {Card} */
export function cardFor(a, material) {
  if (!fits(a, material)) return tooLarge;
  if (a.kind === "question" && typeof questions(a) === "string") return oddQuestion;
  if (a.kind === "elicitation" && typeof asked(a) === "string") return oddElicitation;
  if (a.kind !== "permission") return (Object.hasOwn(cards.kinds, a.kind) && cards.kinds[a.kind]) || unknown;
  if (a.tool === "Bash" && typeof a.input.command !== "string") return anyTool;
  if (a.tool.startsWith("mcp__")) return mcp;
  return Object.hasOwn(cards.tools, a.tool) ? cards.tools[a.tool] : anyTool;
}
