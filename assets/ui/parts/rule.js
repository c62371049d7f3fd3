/** A rule that is made with a yes: drafts, the least general first; for how long, where, and what it would cover. */

import { html } from "../vendor/lit-html/lit-html.js";
import { covered, errors, picked, scopes, spans, told } from "../forms/rule.js";
import { icon } from "./icons.js";
import { line, lines } from "./text.js";
import { use } from "./use.js";

/**
 * @typedef {import("./yes.js").View} View
 * @typedef {import("../forms/rule.js").Form} Form
 */

/** @param {View} v */
export function rule(v) {
  const form = /** @type {Form} */ (v.form.rule);
  if (form.offers === undefined) return html`<p class="dim" id="rule-1" tabindex="-1">Looking what a rule could say…</p>`;
  if (form.offers === null) return html`<p class="note warn" id="rule-1" tabindex="-1">${icon("alert")}<span>ccmon could not say what rules there could be. Close this and open it again.</span></p>`;
  const { rules, session_rule: all } = form.offers;
  if (!rules.length && !all) return html`<p class="dim" id="rule-1" tabindex="-1">No rule may decide this.</p>`;
  return html`<div class="opts" role="radiogroup" aria-label="The rule to make">
      ${rules.map((o, n) => option(v, n, n, html`${o.words} ${o.text ? html`<code>${line(o.text)}</code>` : ""}`, o.rule.allow_high ? "Though it is high risk, and only to the letter" : ""))}
      ${all ? option(v, "all", rules.length, "Everything of this session for 15 minutes", `Low and medium risk. What is high risk, a question, or not known for certain still asks.${form.offers.session_covers ? "" : " So will this one, the next time."}`) : ""}
    </div>
    ${typeof form.pick === "number" ? limits(v, form) : ""}
    ${form.pick === null ? "" : says(v, form)}`;
}

/** @param {View} v @param {number|"all"} pick @param {number} n @param {unknown} words @param {string} more */
function option(v, pick, n, words, more) {
  return html`<label class="opt"><input class="radio" type="radio" name="rule" id=${`rule-${n + 1}`} .checked=${v.form.rule.pick === pick} @click=${(/** @type {Event} */ e) => use(v, e, { what: "pick", n: pick })}>
    <span class="t">${words}</span>${more ? html`<small class="more-of">${more}</small>` : ""}</label>`;
}

/** @param {View} v @param {Form} form */
function limits(v, form) {
  return html`<div class="row wrap limits">
    ${choice(v, "span", "For how long", form.span, spans(form.scope))}
    ${choice(v, "scope", "Where", form.scope, scopes(form))}
  </div>`;
}

/** @param {View} v @param {"span"|"scope"} what @param {string} label @param {string} now @param {[string, string][]} all */
function choice(v, what, label, now, all) {
  return html`<select class="field" aria-label=${label} ?disabled=${v.s.sending !== null} @change=${(/** @type {any} */ e) => v.tell({ what, [what]: e.target.value })}>
    ${all.map(([value, words]) => html`<option value=${value} .selected=${value === now}>${words}</option>`)}</select>`;
}

/** What there is to say of the rule that is picked. @param {View} v @param {Form} form */
function says(v, form) {
  if (!told(form, v.a)) return html`<p class="dim" id="rule-told" tabindex="-1" role="status">Looking what it would cover…</p>`;
  const bad = errors(form).length > 0;
  const { preview } = form;
  return html`<div class="says" id="rule-told" tabindex="-1" role="status">
    <p class="dim">${preview ? covered(preview, form.pick === "all") : "What it would have covered could not be found out."}</p>
    ${(preview?.lints ?? []).map((lint) => html`<p class="note warn">${icon("alert")}<span>${lines(lint.text)}</span></p>`)}
    <p class="dim">${bad ? "It cannot be made like this." : html`Approving makes it the rule “${line(picked(form, v.a)?.name)}”. It can be switched off under Settings, Rules.`}</p>
  </div>`;
}
