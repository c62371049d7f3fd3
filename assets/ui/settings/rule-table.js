/** The rules in their order. */

import { html } from "../vendor/lit-html/lit-html.js";
import { plain } from "../parts/escapes.js";
import { icon } from "../parts/icons.js";
import { line } from "../parts/text.js";
import { book, enable } from "./rulebook.js";
import { many, since, span, ticked } from "./common.js";
import { bearing, grab, isLifted, key, left, order } from "./reorder.js";
import { decision, matches } from "./rule-words.js";

/**
 * @typedef {import("../app.js").App} App
 * @typedef {import("./draft.js").Known} Known
 */

/** @type {Record<string, string>} */
const LASTS = { once: "once", session: "this session", session_seconds: "this session", restart: "until restart" };

/** @param {App} app */
export function table(app) {
  const all = order();
  return html`<div class="cardlet rulebox"><table class="t rulelist">
    <thead><tr><th><span class="vh">Order</span></th><th class="num">#</th><th>Name</th><th>Action</th><th class="what">Matches</th><th class="num">Hits</th><th class="last">Last</th><th>On</th></tr></thead>
    <tbody>${all.map((rule, at) => row(app, rule, at))}</tbody>
  </table></div>`;
}

/** @param {App} app @param {Known} rule @param {number} at */
function row(app, rule, at) {
  const open = app.route.path[1] === String(rule.id);
  const name = plain(rule.name);
  return html`<tr class="${bearing(rule.id, at)} ${rule.enabled ? "" : "off"} ${open ? "open" : ""}">
    <td>${handle(app, rule, at)}</td>
    <td class="num dim">${at + 1}</td>
    <td class="name"><a href=${`#/settings/rules/${rule.id}`} aria-current=${open ? "true" : "false"}>${line(rule.name)}</a> ${chips(rule, app.now())}</td>
    <td>${decision(rule.action)}</td>
    <td class="what"><span class="match">${matches(rule)}</span></td>
    <td class="num">${many(rule.matches)}</td>
    <td class="last dim nowrap">${rule.last_match ? since(rule.last_match, app.now()) : "never"}</td>
    <td><input class="switch" type="checkbox" role="switch" aria-label=${`${name} is on`} .checked=${rule.enabled} @change=${(/** @type {Event} */ e) => void enable(app, rule.id, ticked(e))} /></td>
  </tr>`;
}

/** @param {App} app @param {Known} rule @param {number} at */
function handle(app, rule, at) {
  const label = `Move ${plain(rule.name)}, place ${at + 1} of ${book.rules?.length}`;
  return html`<button class="handle" type="button" data-handle=${rule.id} aria-label=${label} aria-pressed=${isLifted(rule.id) ? "true" : "false"} title="Drag, or press Space and the arrow keys"
    @keydown=${(/** @type {KeyboardEvent} */ e) => key(app, rule.id, e)} @blur=${(/** @type {FocusEvent} */ e) => left(app, e)} @pointerdown=${(/** @type {PointerEvent} */ e) => grab(app, rule.id, e)}>${icon("grip")}</button>`;
}

/** @param {Known} rule @param {number} now */
function chips(rule, now) {
  const remarks = rule.lints.map((lint) => lint.text).join("\n");
  return [
    rule.dry_run ? html`<span class="chip">dry run</span>` : "",
    rule.ends ? html`<span class="chip">ends in ${span(rule.ends.in_ms - (now - book.at))}</span>` : "",
    LASTS[rule.lasts] ? html`<span class="chip">${LASTS[rule.lasts]}</span>` : "",
    book.paused && rule.enabled ? html`<span class="chip">paused</span>` : "",
    rule.lints.length ? html`<span class="chip care" title=${plain(remarks)}>${icon("alert")}${rule.lints.length === 1 ? "1 remark" : `${rule.lints.length} remarks`}</span>` : "",
  ];
}
