/** Rules: the list, and beside it whatever the address says: the editor, the playground, an import. */

import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "../parts/icons.js";
import { line } from "../parts/text.js";
import { book, load, pause, save, suggest } from "./rulebook.js";
import { counted, failed, head, loading, note, words } from "./common.js";
import { letGo } from "./reorder.js";
import { table } from "./rule-table.js";
import { matches } from "./rule-words.js";
import * as editor from "./rule-editor.js";
import * as playground from "./playground.js";
import * as importing from "./import.js";

/** @typedef {import("../app.js").App} App */

/** How often what is left of a rule's time is drawn anew, ms. */
const TICK = 20_000;

let timer = 0;

/** @type {import("./common.js").Page} */
export const rules = { id: "rules", title: "Rules", icon: "shield", view, enter, moved, leave, frame };

/** @param {App} app */
function enter(app) {
  void load(app);
  void suggest(app);
  timer = setInterval(() => book.rules?.some((rule) => rule.ends) && app.draw(), TICK);
}

/** @param {App} app */
function leave(app) {
  clearInterval(timer);
  letGo(app);
}

/** @param {App} app */
function moved(app) {
  const what = app.route.path[1];
  if (what && what !== "playground" && what !== "import") void editor.open(app);
}

/** @param {any} frame @param {App} app */
function frame(frame, app) {
  if (frame.type === "rules" || frame.type === "snapshot") void load(app).then(() => editor.refresh(app));
}

/** @param {App} app */
function view(app) {
  const what = app.route.path[1];
  if (what === "playground") return playground.view(app);
  if (what === "import") return importing.view(app);
  return html`<div class=${what ? "rules editing" : "rules"}>
    ${head("Rules", "From top to bottom, the first that matches decides. A command line gets the strictest of its parts.", buttons(app))}
    ${state(app)}
    ${what ? editor.view(app) : suggestions()}
  </div>`;
}

/** @param {App} app */
function buttons(app) {
  const some = Boolean(book.rules?.length);
  return html`
    <a class="btn flat icon" href="#/settings/rules/import" aria-label="Import rules" title="Import…">${icon("into")}</a>
    ${some ? html`<button class="btn flat icon" type="button" aria-label="Export the rules to a file" title="Export" @click=${() => void save(app)}>${icon("out")}</button>` : ""}
    <a class="btn" href="#/settings/rules/playground">${icon("play", "i-s")}Playground</a>
    <button class="btn" type="button" @click=${() => void pause(app, !book.paused)}>${icon(book.paused ? "play" : "pause", "i-s")}${book.paused ? "Resume all" : "Pause all"}</button>
    <a class="btn primary" href="#/settings/rules/new">${icon("plus", "i-s")}New rule</a>`;
}

/** @param {App} app */
function state(app) {
  if (!book.rules) return book.error ? failed(book.error, () => void load(app)) : loading();
  return [
    book.error ? failed(book.error, () => void load(app)) : "",
    book.broken ? note("bad", html`<strong>No rule counts.</strong> ${words(book.broken)}. Correct that rule, or import a file in place of all.`) : "",
    book.paused ? note("warn", html`<strong>All rules are paused.</strong> Every request waits for you until you resume them.`) : "",
    book.rules.length ? table(app) : none(),
  ];
}

function none() {
  const mine = book.suggestions.length ? "Some that would have saved you questions stand below." : "After you have approved the same a few times, ccmon suggests a rule here.";
  return html`<div class="cardlet"><div class="in none-here"><b>No rules yet, so every request asks you.</b><span class="dim">A rule approves or denies by itself what it matches, before any window opens. ${mine}</span>
    <a class="btn" href="#/settings/rules/new">${icon("plus", "i-s")}Write one</a></div></div>`;
}

/** What was approved again and again. */
function suggestions() {
  if (book.suggestions.length === 0) return "";
  return html`<section class="group"><h2 class="h2">Suggested</h2><p class="dim">You approved these by hand again and again, and never denied one.</p>
    <div class="rowset">${book.suggestions.map((s, i) => html`<div class="set"><span class="grow"><b>${line(s.rule.name)}</b>
      <small class="match">${matches(s.rule)}</small><small>Would have saved you ${counted(s.seen, "question")}, such as ${s.examples.slice(0, 2).map((e, n) => html`${n ? ", " : ""}<code>${line(e.text)}</code>`)}</small></span>
      <a class="btn small" href=${`#/settings/rules/new?suggest=${i}`}>Look at it…</a></div>`)}</div></section>`;
}
