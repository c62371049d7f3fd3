/** What may go with a yes: what opens each part, and the part that is open. */

import { html } from "../vendor/lit-html/lit-html.js";
import { opens } from "../forms.js";
import { icon } from "./icons.js";
import { remember } from "./remember.js";
import { rule } from "./rule.js";

/** @typedef {import("./yes.js").View} View */

/** @param {View} v */
export function offer(v) {
  if (v.still || v.a.kind !== "permission" || v.form.panel === "edit") return "";
  const { panel } = v.form;
  return html`<div class="row wrap openers">
      ${opener(v, "remember", "Always allow…")}
      ${opener(v, "rule", "Make a rule…")}
      ${opens(v.s, v.a, "edit") ? html`<button class="opener" type="button" data-act="edit">${icon("pencil", "i-s")}Edit first…<kbd>E</kbd></button>` : ""}
    </div>
    ${panel === "remember" ? remember(v) : panel === "rule" ? rule(v) : ""}`;
}

/** @param {View} v @param {string} panel @param {string} words */
function opener({ s, a, form }, panel, words) {
  if (!opens(s, a, panel)) return "";
  const open = form.panel === panel;
  return html`<button class="opener" type="button" data-act=${open ? "back" : panel} aria-expanded=${open ? "true" : "false"}><span class="turn">${icon("down", "i-s")}</span>${words}</button>`;
}
