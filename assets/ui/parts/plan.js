/** A plan: to be read as it is meant, or edited as it is written. */

import { html } from "../vendor/lit-html/lit-html.js";
import { planned, textOf } from "../forms/plan.js";
import { others } from "./others.js";
import { icon } from "./icons.js";
import { markdown } from "./markdown.js";
import { lines } from "./text.js";

/** @typedef {import("./yes.js").View} View */

/** @param {View} v */
export function plan(v) {
  const { plan: text, ...rest } = v.a.input;
  if (typeof text !== "string") return html`${unseen()}${others(v.a.input)}`;
  return html`${v.form.panel === "edit" ? editor(v) : whole(v, text)}
    ${others(rest)}`;
}

/** With its structure; as it is written, where that is not known. @param {View} v @param {string} text */
function whole({ a, s }, text) {
  const blocks = s.cards[a.id]?.plan;
  if (blocks?.length) return markdown(blocks, "Plan");
  return html`<div class="code plan" id="input" tabindex="0" role="group" aria-label="Plan">${lines(text)}</div>`;
}

/** Claude left it in its file, or has none. */
function unseen() {
  return html`<p class="note warn" id="input" tabindex="0">${icon("info")}<span>Claude sent no text with this plan. Read it in the terminal before you approve it.</span></p>`;
}

/** @param {View} v */
function editor(v) {
  const text = planned(/** @type {any} */ (v.form), v.a) ?? "";
  const same = text === textOf(v.a);
  return html`<div class="editing" id="input" tabindex="-1" role="group" aria-label="Plan">
    <textarea class="field" id="plan-text" rows="14" aria-label="The plan, as you want it" aria-invalid=${text.trim() ? "false" : "true"} autocomplete="off" spellcheck="false" ?readonly=${v.s.sending !== null} .value=${text} @input=${(/** @type {any} */ e) => v.tell({ what: "plan", text: e.target.value })}></textarea>
    <p class="dim row">${text.trim() ? (same ? "Nothing changed yet." : "Claude gets the plan as you have it here.") : "A plan without a word cannot be approved."}
      ${same ? "" : html`<button class="link" type="button" @click=${() => v.tell({ what: "undo" })}>Undo my changes</button>`}</p>
  </div>`;
}
