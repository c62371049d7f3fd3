/** What an MCP server asks for: who asks, in whose words, and a form of what it wants. */

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { FORMATS, asked, counted, fault, untouched } from "../forms/elicitation.js";
import { plain } from "./escapes.js";
import { json } from "./fields.js";
import { icon } from "./icons.js";
import { others } from "./others.js";
import { block, code, line, lines } from "./text.js";

/**
 * @typedef {import("./yes.js").View} View
 * @typedef {import("../wire").Approval} Approval
 * @typedef {import("../forms/elicitation.js").Field} Field
 * @typedef {import("../forms/elicitation.js").Entry} Entry
 * @typedef {{v: View, f: Field, n: number, entry: Entry, said: unknown, wrong: boolean}} Row
 */

/** Of the input, these have places of their own. */
const DRAWN = ["server", "message", "mode", "schema", "url"];

/** The MCP server that asks, or whose tool it is. @param {Approval} a */
export function server(a) {
  if (a.kind === "elicitation") return typeof a.input.server === "string" ? a.input.server : "";
  return /^mcp__(.+?)__/.exec(a.tool)?.[1] ?? "";
}

/** For a reader of it aloud. @param {Approval} a */
export function heading(a) {
  return server(a) ? `“${plain(server(a))}” asks for details` : "An MCP server asks for details";
}

/** @param {View} v */
export function elicitation(v) {
  const fields = asked(v.a);
  if (typeof fields === "string") return "";
  return html`<div class="asked" id="input" tabindex="0" role="group" aria-labelledby="h">
      ${head(v.a)}
      ${fields.map((f, n) => (v.still ? toRead(f) : row(v, f, n)))}
      ${fields.length ? "" : html`<p class="dim">It asks for nothing but a yes or a no.</p>`}
    </div>
    <p class="note">${icon("alert")}<span>What you enter goes to this server. Do not type passwords here.</span></p>
    ${rest(v.a)}`;
}

/** What cannot be given from here: whole, and why. @param {View} v */
export function unfilled({ a }) {
  const why = asked(a);
  const { url, schema } = a.input;
  return html`${head(a)}
    <p class="note warn">${icon("alert")}<span>${typeof why === "string" ? why : ""} Answer it in the terminal.</span></p>
    ${typeof url === "string" ? block(code(url), "Address of the page") : ""}
    ${schema === undefined ? "" : block(code(JSON.stringify(schema, null, 2), json(JSON.stringify(schema, null, 2))), "What the server asks for")}
    ${rest(a)}`;
}

/** @param {Approval} a */
function head(a) {
  const { message } = a.input;
  return html`<div class="row what"><h1 class="grow" id="h">${server(a) ? html`“${line(server(a))}” asks for details` : "An MCP server asks for details"}</h1></div>
    ${typeof message === "string" && message ? html`<p class="theirs">${lines(message)} <span class="dimmer nowrap">(The server’s words, not Claude’s.)</span></p>` : ""}`;
}

/** What nobody drew: never left out. @param {Approval} a */
function rest(a) {
  return others(Object.fromEntries(Object.entries(a.input).filter(([key, value]) => !DRAWN.includes(key) || (key !== "schema" && typeof value !== "string"))));
}

/** Only to be read. @param {Field} f */
function toRead(f) {
  return html`<div class="formrow"><span class="named">${line(f.title)}${f.needed ? needed() : ""}</span>
    ${f.choices.length ? html`<small>${f.choices.map((c, i) => html`${i ? ", " : ""}${line(c.label)}`)}</small>` : ""}
    ${about(f)}${others(f.rest)}</div>`;
}

/** @param {View} v @param {Field} f @param {number} n */
function row(v, f, n) {
  const { entries, tried } = /** @type {import("../forms/elicitation.js").Form} */ (v.form);
  const why = fault(f, entries[n], tried);
  const own = hint(f, entries[n]);
  const said = f.about || own || why ? `about-${n}` : nothing;
  const r = { v, f, n, entry: entries[n], said, wrong: why !== "" };
  return html`<div class="formrow">
    ${control(r)}
    <div id=${said} class="said">${about(f)}
      ${why ? html`<small class="fault">${icon("alert")}${why}</small>` : own ? html`<small>${own}</small>` : ""}</div>
    ${others(f.rest)}
  </div>`;
}

/** @param {Field} f */
function about(f) {
  return f.about ? html`<small>${lines(f.about)}</small>` : "";
}

function needed() {
  return html`<span class="needed">needed</span>`;
}

/** In our words: what fits, and that it is the server's suggestion. @param {Field} f @param {Entry} entry */
function hint(f, entry) {
  const what = Object.hasOwn(FORMATS, f.format) && f.sort === "text" ? `Needed: ${FORMATS[f.format].words}. ` : "";
  const unit = f.sort === "text" ? "character" : "";
  const bound = (/** @type {string} */ word, /** @type {number|null} */ n) => (n === null ? "" : `${word} ${unit ? counted(n, unit) : n}. `);
  const bounds = bound("At least", f.least) + bound("No more than", f.most);
  return `${untouched(f, entry) ? "Suggested by the server. " : ""}${what}${bounds}`.trim();
}

/** @param {Row} r */
function control(r) {
  if (r.f.sort === "choices") return group(r, "checkbox", r.f.choices.map((c) => ({ ...c, on: Array.isArray(r.entry) && r.entry.includes(c.value) })));
  if (r.f.sort === "choice") return select(r);
  if (r.f.sort !== "yes_no") return text(r);
  // A box cannot say that nothing was chosen yet: only what the server suggests stands in one.
  if (r.f.suggested !== null) return tick(r);
  return group(r, "radio", [true, false].map((on) => ({ value: on, label: on ? "Yes" : "No", on: r.entry === on })));
}

/** @param {Row} r */
function text({ v, f, n, entry, said, wrong }) {
  const figures = f.sort === "integer" ? "numeric" : f.sort === "number" ? "decimal" : nothing;
  return html`<label for=${`entry-${n}`}>${line(f.title)}${f.needed ? needed() : ""}</label>
    <input class="field" id=${`entry-${n}`} type=${f.sort === "text" && f.format === "date" ? "date" : "text"} inputmode=${figures} autocomplete="off" spellcheck="false"
      aria-describedby=${said} aria-invalid=${wrong ? "true" : "false"} aria-required=${f.needed ? "true" : "false"} ?readonly=${v.s.sending !== null} .value=${String(entry ?? "")}
      @input=${(/** @type {any} */ e) => enter(v, n, e.target.value)}>`;
}

/** @param {Row} r */
function select({ v, f, n, entry, said, wrong }) {
  return html`<label for=${`entry-${n}`}>${line(f.title)}${f.needed ? needed() : ""}</label>
    <select class="field" id=${`entry-${n}`} aria-describedby=${said} aria-invalid=${wrong ? "true" : "false"} aria-required=${f.needed ? "true" : "false"} ?disabled=${v.s.sending !== null}
      @change=${(/** @type {any} */ e) => enter(v, n, e.target.value || null)}>
      <option value="" .selected=${entry === null}>${f.needed ? "Choose…" : "Nothing"}</option>
      ${f.choices.map((c) => html`<option value=${c.value} .selected=${entry === c.value}>${c.label}</option>`)}
    </select>`;
}

/** @param {Row} r */
function tick({ v, f, n, entry, said }) {
  return html`<label class="row"><input class="tick" type="checkbox" id=${`entry-${n}`} aria-describedby=${said} ?disabled=${v.s.sending !== null} .checked=${entry === true}
    @change=${(/** @type {any} */ e) => enter(v, n, e.target.checked)}><span>${line(f.title)}</span></label>`;
}

/** @param {Row} r @param {"radio"|"checkbox"} type @param {{value: string|boolean, label: string, on: boolean}[]} all */
function group({ v, f, n, said, wrong }, type, all) {
  return html`<fieldset aria-describedby=${said} aria-invalid=${wrong ? "true" : "false"}>
    <legend>${line(f.title)}${f.needed ? needed() : ""}</legend>
    ${all.map((c, i) => html`<label class="row"><input class=${type === "radio" ? "radio" : "tick"} type=${type} name=${`entry-${n}`} id=${i === 0 ? `entry-${n}` : `entry-${n}-${i}`}
      ?disabled=${v.s.sending !== null} .checked=${c.on} @change=${() => enter(v, n, c.value)}><span>${line(c.label)}</span></label>`)}
  </fieldset>`;
}

/** What is being sent stands still. @param {View} v @param {number} n @param {Entry} value */
function enter(v, n, value) {
  if (!v.s.sending) v.tell({ what: "entry", n, value });
}
