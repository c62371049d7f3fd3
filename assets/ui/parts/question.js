/** Claude's question: its options, one's own words, and where it stands among several. */

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { answered, questions } from "../forms/question.js";
import { others } from "./others.js";
import { icon } from "./icons.js";
import { block, code, line, lines } from "./text.js";
import { use } from "./use.js";

/**
 * @typedef {import("./yes.js").View} View
 * @typedef {import("../forms/question.js").Question} Question
 * @typedef {import("../forms/question.js").Option} Option
 * @typedef {import("../forms/question.js").Answer} Answer
 */

/** So many options have a key. */
const KEYED = 9;

/** @param {View} v */
export function question(v) {
  const all = questions(v.a);
  if (typeof all === "string") return "";
  if (v.still) return all.map(read);
  const { at, answers } = /** @type {import("../forms/question.js").Form} */ (v.form);
  const q = all[at];
  const { questions: _, ...rest } = v.a.input;
  return html`${all.length > 1 ? steps(v, all, at, answers) : ""}
    <div class="asked" id="input" tabindex="0" role="group" aria-labelledby="h">
      <div class="row wrap">${all.length === 1 && q.header ? html`<span class="chip">${icon("question")}${line(q.header)}</span>` : ""}<span class="dim">Claude asks</span></div>
      <h1 class="q" id="h">${lines(q.text)}</h1>
      ${q.multi ? html`<p class="dim">Choose any number.</p>` : ""}
      <div class="opts" role=${q.multi ? "group" : "radiogroup"} aria-labelledby="h">
        ${q.options.map((o, n) => option(v, q, o, n, answers[at]))}
        ${own(v, q, answers[at])}
      </div>
      ${others(q.rest)}
    </div>
    ${others(rest)}`;
}

/** Only to be read. @param {Question} q @param {number} n */
function read(q, n) {
  return html`<div class="asked" id=${n === 0 ? "input" : `input-${n}`} tabindex=${n === 0 ? "0" : "-1"}>
    <h1 class="q" id=${n === 0 ? "h" : `h-${n}`}>${lines(q.text)}</h1>
    <ul class="opts">${q.options.map((o) => html`<li class="opt"><span class="t">${line(o.label)}</span>${more(o)}</li>`)}</ul>
    ${others(q.rest)}
  </div>`;
}

/** @param {View} v @param {Question[]} all @param {number} at @param {Answer[]} answers */
function steps(v, all, at, answers) {
  return html`<nav class="asks" aria-label="${all.length} questions">
    ${all.map((q, i) => html`<button class="of-asks" type="button" aria-current=${i === at ? "step" : "false"} @click=${() => v.tell({ what: "go", to: i })}>${answered(answers[i]) ? html`${icon("check")}<span class="vh">Answered: </span>` : ""}${q.header ? line(q.header) : `Question ${i + 1}`}</button>`)}
    <span class="grow"></span>${at > 0 ? html`<button class="btn flat small" type="button" data-act="back">${icon("previous", "i-s")}Back</button>` : ""}
  </nav>`;
}

/** @param {View} v @param {Question} q @param {Option} o @param {number} n @param {Answer} answer */
function option(v, q, o, n, answer) {
  return html`<label class="opt">
    <input class=${q.multi ? "tick" : "radio"} type=${q.multi ? "checkbox" : "radio"} name="option" id=${`option-${n + 1}`} data-option=${n} .checked=${answer.picks.includes(n)}
      aria-labelledby=${`t-${n}`} aria-describedby=${`d-${n}`} @click=${(/** @type {MouseEvent} */ e) => use(v, e, { what: "option", n })}>
    <span class="t" id=${`t-${n}`}>${line(o.label)}</span>${key(n)}
    ${more(o, `d-${n}`)}
  </label>`;
}

/** What stands under its label. @param {Option} o @param {string} [id] */
function more(o, id = "") {
  return html`<div class="more-of" id=${id || nothing}>${o.description ? html`<small>${lines(o.description)}</small>` : ""}
    ${o.preview ? html`<div class="code"><pre dir="ltr"><code>${code(o.preview)}</code></pre></div>` : ""}${others(o.rest)}</div>`;
}

/** Something else, in one's own words. @param {View} v @param {Question} q @param {Answer} answer */
function own(v, q, answer) {
  const n = q.options.length;
  const only = n === 0;
  const choose = (/** @type {MouseEvent} */ e) => {
    use(v, e, { what: "owned", on: !q.multi || !answer.owned });
    document.getElementById("own")?.focus();
  };
  return html`<div class="opt own ${only ? "only" : ""}">
    ${only ? "" : html`<input class=${q.multi ? "tick" : "radio"} type=${q.multi ? "checkbox" : "radio"} name="option" aria-label="Something else" .checked=${answer.owned} @click=${choose}>`}
    <input class="field" type="text" id="own" data-option=${n} autocomplete="off" spellcheck="false" placeholder=${only ? "Your answer" : "Something else…"} aria-label="Your own answer" ?readonly=${v.s.sending !== null} .value=${answer.own}
      @input=${(/** @type {any} */ e) => v.tell({ what: "own", text: e.target.value })}>
    ${only ? "" : key(n)}
  </div>`;
}

/** @param {number} n */
function key(n) {
  return n < KEYED ? html`<kbd aria-hidden="true">${n + 1}</kbd>` : "";
}

/** What cannot be answered from here: whole, and why. @param {View} v */
export function unasked({ a }) {
  const why = questions(a);
  return html`<p class="note warn">${icon("alert")}<span>${typeof why === "string" ? why : ""} Answer it in the terminal.</span></p>
    ${block(code(JSON.stringify(a.input, null, 2)), "Input of the tool")}`;
}
