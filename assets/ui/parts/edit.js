/** Something else to run instead: what will run as a text, its risk, and what Claude asked for. */

import { html } from "../vendor/lit-html/lit-html.js";
import { editable, edited, failed, instead, textOf } from "../forms/edit.js";
import { marks } from "./escapes.js";
import { icon } from "./icons.js";
import { code, line } from "./text.js";

/**
 * @typedef {import("./yes.js").View} View
 * @typedef {import("../forms/edit.js").Field} Field
 * @typedef {import("../forms/edit.js").Form} Form
 */

/** More lines than this scroll. */
const ROWS = 16;

/** In place of the card's body. @param {View} v */
export function edit(v) {
  const form = /** @type {Form} */ (v.form.edit);
  const { wrong, same } = edited(form, v.a);
  return html`<div class="editing" id="input" tabindex="-1" role="group" aria-label="What runs instead">
    ${editable(v.a).map((field) => one(v, form, field, wrong[field.key] ?? ""))}
    <p class="dim row" role="status">${state(v, form, same)}
      ${same && !Object.keys(form.texts).length ? "" : html`<button class="link" type="button" @click=${() => v.tell({ what: "undo" })}>Undo my changes</button>`}</p>
    ${denied(form, same)}
  </div>`;
}

/** @param {View} v @param {Form} form @param {Field} field @param {string} wrong */
function one(v, form, field, wrong) {
  const { key, label } = field;
  const text = textOf(form, v.a, field);
  const was = textOf({ ...form, texts: {} }, v.a, field);
  const rows = Math.min(ROWS, Math.max(key === "url" ? 1 : 3, text.split("\n").length));
  return html`<div class="edited">
    ${editable(v.a).length > 1 ? html`<label for=${`edit-${key}`}>${line(label)}</label>` : ""}
    <textarea class="field mono" id=${`edit-${key}`} rows=${rows} aria-label=${label} aria-invalid=${wrong ? "true" : "false"} aria-describedby=${`wrong-${key}`} ?readonly=${v.s.sending !== null}
      autocomplete="off" autocapitalize="off" spellcheck="false" dir="ltr" .value=${text} @input=${(/** @type {any} */ e) => v.tell({ what: "edit", key, text: e.target.value })}></textarea>
    <div id=${`wrong-${key}`}>${wrong ? html`<small class="wrong">${line(wrong)}</small>` : ""}${marks(text, true).length ? html`<small class="wrong">It holds characters that are not seen: <code>${code(text)}</code></small>` : ""}</div>
    ${text === was ? "" : html`<div class="before"><span class="dimmer">Claude asked for</span><pre dir="ltr"><code>${code(was)}</code></pre></div>`}
  </div>`;
}

/** @param {View} v @param {Form} form @param {boolean} same */
function state({ a, tell }, form, same) {
  if (same) return "Nothing changed yet.";
  if (Object.keys(edited(form, a).wrong).length) return "Nothing is sent like this.";
  if (failed(form, a)) return html`Its risk could not be found out. <button class="link" type="button" @click=${() => tell({ what: "again" })}>Try again</button>`;
  return instead(form, a) ? "Edited by you: Claude is told, and runs this." : "Looking at its risk…";
}

/** @param {Form} form @param {boolean} same */
function denied({ assessed }, same) {
  const by = same ? null : assessed?.denied_by;
  return by ? html`<p class="note warn">${icon("alert")}<span>Your rule “${line(by.name)}” would deny this.</span></p>` : "";
}
