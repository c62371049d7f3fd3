/** What says yes to a request, in the popup and in the dashboard alike: approve, answer, go on to the next question. */

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { bodyOf } from "../forms.js";
import { asRun, edited } from "../forms/edit.js";
import { complete } from "../forms/elicitation.js";
import { answered, questions } from "../forms/question.js";
import { mayGive } from "../queue.js";
import { icon } from "./icons.js";
import { ticked } from "./remember.js";
import { level } from "./risk.js";

/**
 * @typedef {import("../queue.js").State} State
 * @typedef {import("../wire").Approval} Approval
 * @typedef {import("../forms.js").Form} Form
 * @typedef {{s: State, a: Approval, form: Form, tell: (m: {what: string, [key: string]: any}) => void, still?: boolean}} View
 *   what a part is drawn from; `tell` says what a control of the form was used for; `still`: it is only looked at
 */

/** By kind. @param {View} v */
export function yes(v) {
  if (v.a.kind === "question") return answer(v);
  if (v.a.kind === "elicitation") return accept(v);
  return v.a.kind === "plan" ? plan(v) : approve(v);
}

/** High risk is approved with the same click, from a button that looks like what it does. @param {View} v */
function approve(v) {
  const { s, a, form } = v;
  const risky = level(asRun(form, a)) === "high";
  const whole = form.panel === "" || bodyOf(s, a, "allow") !== null;
  return html`<button class="btn ${risky ? "risky" : "primary"} ${s.armed && !whole ? "unread" : unread(s)}" type="button" data-act="allow" aria-disabled=${off(mayGive(s) && whole)}>${form.panel && !risky ? "" : icon(risky ? "alert" : "check")}${word(v)}${form.panel && risky ? "" : html`<kbd>${form.panel === "edit" ? "Ctrl Enter" : "A"}</kbd>`}</button>`;
}

/** @param {View} v */
function word(v) {
  const { a, form } = v;
  if (form.panel === "edit") return edited(form.edit, a).same ? "Approve" : "Approve as edited";
  if (form.panel === "rule" && form.rule.pick !== null) return "Approve & make rule";
  return ticked(v) ? "Approve & remember" : "Approve";
}

/** @param {View} v */
function plan({ s, form }) {
  const edits = form.panel === "edit";
  return html`<button class="btn primary ${unread(s)}" type="button" data-act="plan" aria-disabled=${off(mayGive(s))} title=${edits ? "Ctrl Enter" : nothing}>${icon("check")}Approve, keep asking${edits ? "" : html`<kbd>A</kbd>`}</button>
    <button class="btn ${unread(s)}" type="button" data-act="plan_edits" aria-disabled=${off(mayGive(s))} title="Claude edits files without asking from then on">Approve, accept edits</button>`;
}

/** @param {View} v */
function answer({ s, form }) {
  const here = answered(form.answers?.[form.at]);
  const others = form.answers?.some((/** @type {any} */ one, /** @type {number} */ i) => i !== form.at && !answered(one));
  const look = s.armed && !here ? "unread" : "";
  return html`<button class="btn primary ${look}" type="button" data-act="answer" aria-disabled=${off(s.armed && here)}>${others ? "Next question" : "Answer"}<kbd>Enter</kbd></button>`;
}

/** @param {View} v */
function accept({ s, a, form }) {
  const ready = complete(/** @type {any} */ (form), a);
  return html`<button class="btn primary ${s.armed && !ready ? "unread" : ""}" type="button" data-act="answer" aria-disabled=${off(s.armed && ready)}>Accept<kbd>Enter</kbd></button>`;
}

/** “1 of 3 answered”, when there are several. @param {View} v */
export function progress({ a, form }) {
  const all = a.kind === "question" ? questions(a) : "";
  if (typeof all === "string" || all.length < 2) return "";
  return `${form.answers.filter(answered).length} of ${all.length} answered`;
}

/** Waits until its end has been on the screen. @param {State} s */
function unread(s) {
  return s.armed && !s.read ? "unread" : "";
}

/** @param {boolean} on */
function off(on) {
  return on ? "false" : "true";
}
