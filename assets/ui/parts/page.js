/** The whole popup: state → template. */

import { html } from "../vendor/lit-html/lit-html.js";
import { guard } from "../vendor/lit-html/directives/guard.js";
import { form, phase, position, start } from "../queue.js";
import { asRun } from "../forms/edit.js";
import { act } from "./act.js";
import { cardOn } from "./cards.js";
import { edit } from "./edit.js";
import { closing, ending, lost } from "./endings.js";
import { plain } from "./escapes.js";
import { icon } from "./icons.js";
import { identical } from "./identical.js";
import { offer } from "./offer.js";
import { stepsIn } from "./preview.js";
import { pill, trials, why } from "./reasons.js";
import { level } from "./risk.js";
import { line, lines } from "./text.js";
import { hides } from "./whole.js";
import { pager, wide, who } from "./who.js";

/**
 * @typedef {import("../queue.js").State} State
 * @typedef {import("../wire").Approval} Approval
 * @typedef {import("./yes.js").View} View
 * @typedef {(message: {type: string, [key: string]: any}) => void} Step
 */

/** How much of the user's own words is repeated; two lines of it are drawn. */
const QUOTED = 400;

/** @param {State} s @param {number} now the daemon's time of day @param {Step} [step] takes what the controls say @returns {unknown} */
export function page(s, now, step = () => {}) {
  const a = s.face;
  const what = phase(s);
  if (!a || what === "empty") return "";
  if (what === "lost") return lost(s, a, now);
  return what === "closing" ? closing(s, a, now) : request(view(s, a, step), now);
}

/** What parts of a request are drawn from; what its controls say is said of this request, whatever is shown by then. @param {State} s @param {Approval} a @param {Step} step @returns {View} */
export function view(s, a, step) {
  return { s, a, form: form(s), tell: (m) => step({ type: "form", id: a.id, ...m }) };
}

/** What a screen reader hears when the page turns. @param {State} s */
export function spoken(s) {
  const a = s.face;
  const what = phase(s);
  if (!a || what === "empty") return "";
  if (what === "lost") return "ccmon is not answering";
  if (what === "closing") return ending(s.closing?.how ?? null, a).title;
  const { index, count } = position(s);
  return `${plain(a.project)}: ${cardOn(s, a).heading(a, still(a, s))}${level(a) === "high" ? " High risk." : ""}${count > 1 ? ` ${index + 1} of ${count}` : ""}`;
}

/** The same for a request that is only looked at. @param {Approval} a @param {State} [s] @returns {View} */
export function still(a, s = start()) {
  return { ...view({ ...s, face: a }, a, () => {}), still: true };
}

/** @param {View} v @param {number} now */
function request(v, now) {
  const { s, a } = v;
  const card = cardOn(s, a);
  const arming = s.armed ? "done" : s.armedAt === null ? "wait" : "runs";
  return html`<main class="card" role="alertdialog" aria-labelledby="h" aria-describedby="input why" data-arming=${arming}>
    ${who(a, { now, pager: html`${pager(position(s))}${wide()}`, meta: true, jumps: s.jumps })}
    <section class="ask" id="ask">${asked(v, card)}</section>
    <button class="more" id="more" type="button" data-act="more" hidden>${icon("down", "i-s")}<span>More below${a.kind === "question" || card.act === "terminal" ? "" : ", read on to approve"}</span></button>
    ${act(v, card, now)}
  </main>`;
}

/** Drawn again only when something in it is another. @param {View} v @param {import("./cards.js").Card} card */
export function asked(v, card) {
  const { s, a } = v;
  return html`${guard([a.id, a.shown, s.home, a.risk, a.trial, s.forms[a.id], s.cards[a.id], s.sending], () => all(v, card))}${card.act === "decide" ? identical(v) : ""}`;
}

/** @param {View} v @param {import("./cards.js").Card} card */
function all(v, card) {
  const { a } = v;
  const edits = v.form.panel === "edit" && a.kind === "permission";
  const run = asRun(v.form, a);
  const note = a.note && a.note !== a.input.plan ? html`<span class="dimmer"> · Claude’s note: </span>${lines(a.note)}` : "";
  return html`
    ${context(v)}
    ${card.bare ? "" : html`<div class="row what"><h1 class="grow" id="h">${edits ? (a.tool === "Bash" ? "Run this instead?" : "Do this instead?") : card.heading(a, v)}</h1>${tool(a)}${aside(run)}</div>`}
    ${edits ? edit(v) : card.body(v)}
    ${why(run, !card.part && !edits)}
    <p class="where">in <code dir="ltr">${line(under(a.cwd, v.s.home))}</code>${note}</p>
    ${hides(a, v.s.cards[a.id]) ? html`<p class="where">Shown as written, escapes are visible. Claude gets your answer to exactly this text.</p>` : ""}
    ${trials(a)}
    ${card.act === "decide" ? offer(v) : ""}`;
}

/** What led here: the user's own words, and Claude's last; more of those when one opens them. @param {View} v */
function context({ s, a }) {
  const { said, summary } = s.cards[a.id] ?? {};
  return html`${a.prompt ? html`<p class="prompt"><b>You asked:</b> ${line(short(a.prompt))}</p>` : ""}
    ${opened("Claude said:", said)}${opened("So far:", summary)}`;
}

/** @param {string} label @param {string|null|undefined} text */
function opened(label, text) {
  return text ? html`<details class="led"><summary class="prompt"><b>${label}</b> <span class="short">${line(short(text))}</span></summary><div class="all">${lines(text)}</div></details>` : "";
}

/** What stands at the right of the heading: how long a plan is, else the risk. @param {Approval} a */
function aside(a) {
  if (a.kind === "question") return "";
  const steps = a.kind === "plan" ? stepsIn(String(a.input.plan ?? "")) : 0;
  return a.kind === "plan" ? html`<span class="dim">${steps > 1 ? `${steps} steps` : ""}</span>` : pill(a);
}

/** The tool's own name, beside the heading, never in it. @param {Approval} a */
function tool(a) {
  if (a.kind !== "permission" || a.tool === "Bash") return "";
  const name = a.tool.replace(/^mcp__.+?__/, "");
  return html`<code class="tool clip" title=${plain(a.tool)}>${line(name)}</code>`;
}

/** @param {string} prompt */
function short(prompt) {
  const one = prompt.slice(0, QUOTED).replace(/\s+/g, " ").trim();
  return prompt.length > QUOTED ? `${one}…` : one;
}

/** @param {string} path @param {string} home */
export function under(path, home) {
  if (!home || home === "/") return path;
  return path === home ? "~" : path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
