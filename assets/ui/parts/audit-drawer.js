/** One request beside the rows, whole: what was asked, what became of it, and what can be made of it. */

import { html } from "../vendor/lit-html/lit-html.js";
import { guard } from "../vendor/lit-html/directives/guard.js";
import { format } from "../route.js";
import { by, mayRule, pending, ruleLink } from "./audit-words.js";
import { cardFor } from "./cards.js";
import { loading } from "./empty.js";
import { given } from "./given.js";
import { icon } from "./icons.js";
import { asked, still } from "./page.js";
import { act } from "./preview.js";
import { outcome } from "./requests.js";
import { head } from "./rows.js";
import { block, code, line, lines } from "./text.js";
import { exactly } from "./when.js";

/**
 * @typedef {import("../app.js").App} App
 * @typedef {import("./requests.js").Approval} Approval
 */

/** More of an input that no card shows is not drawn; an export has it whole. */
const MOST = 60_000;

/** @param {App} app @param {{approval: Approval|null, error: string}} one @param {{close: () => void, again: () => void}} go */
export function drawer(app, one, go) {
  const a = one.approval;
  return html`<aside class="pane soft drawer" id="drawer" aria-labelledby="drawer-title" aria-busy=${a || one.error ? "false" : "true"}><div class="pad">
    ${head(a ? act(a) : one.error ? "Not here" : "Request", go.close)}
    ${one.error ? html`<div role="alert"><p>${one.error}</p></div><button class="btn fit" type="button" @click=${go.again}>Try again</button>` : a ? request(app, a) : loading()}
  </div></aside>`;
}

/** @param {App} app @param {Approval} a */
function request(app, a) {
  return html`<dl class="about-lines">
      <div><dt>Decision</dt><dd>${outcome(a)}</dd></div>
      <div><dt>By</dt><dd>${by(a)}</dd></div>
      <div><dt>Asked</dt><dd>${exactly(a.opened)}</dd></div>
      <div><dt>Pending</dt><dd>${pending(a, app.now())}</dd></div>
      <div><dt>Session</dt><dd><a href=${format({ tab: "history", path: ["sessions", a.session], query: {} })}>${line(a.project)}</a>${a.branch ? html` <span class="branch">${icon("branch")}${line(a.branch)}</span>` : ""}</dd></div>
      ${a.agent ? html`<div><dt>Sub-agent</dt><dd>${line(a.agent.type)}</dd></div>` : ""}
    </dl>
    ${a.message ? html`<section aria-labelledby="told-h"><h2 class="h2" id="told-h">Claude was told</h2><p class="dim">${lines(a.message)}</p></section>` : ""}
    ${given(a)}
    <section class="asked-for" aria-label="What was asked">${guard([a.id, a.shown, a.risk, a.trial], () => whole(a))}</section>
    <div class="row wrap">${mayRule(a) ? html`<a class="btn" href=${ruleLink(a.id)}>${icon("shield", "i-s")}Make a rule</a>` : ""}
      ${a.outcome ? "" : html`<a class="btn primary" href=${format({ tab: "approvals", path: [a.id], query: {} })}>Decide</a>`}
      <button class="btn flat" type="button" @click=${() => void app.copy(JSON.stringify(a.input, null, 2))}>${icon("copy", "i-s")}Copy input</button></div>`;
}

/** As the popup showed it; an input that was too long for that is drawn as it is. @param {Approval} a */
function whole(a) {
  const card = cardFor(a);
  if (!card.part) return asked(still(a), card);
  const text = JSON.stringify(a.input, null, 2);
  const rest = text.length - MOST;
  return html`${block(code(text.slice(0, MOST)), "Input")}${rest > 0 ? html`<p class="dim">${rest.toLocaleString("en")} more characters. The export has them all.</p>` : ""}`;
}
