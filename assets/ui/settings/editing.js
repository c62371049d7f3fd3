/**
 * The rule that is written: what is typed, what there is to say about it, and when it is saved. What is typed stays
 * until it is saved or thrown away, wherever one goes meanwhile.
 *
 * @typedef {import("../app.js").App} App
 * @typedef {import("./draft.js").Form} Form
 * @typedef {import("./draft.js").Lint} Lint
 * @typedef {import("./draft.js").Rule} Rule
 * @typedef {{id: string, tool: string, text: string, then: "allowed"|"denied"|"other", at: number, fit: string, now: string|null, why: string}} Sample
 * @typedef {{
 *   key: string, id: number|null, form: Form, of: Rule|null, position: number|null, from: string,
 *   lints: Lint[], samples: Sample[]|null, all: boolean, touched: boolean, wrong: string,
 *   saved: "no"|"waits"|"saving"|"yes", timer: number, turn: number,
 *   replay: {job: number, of: string, action: import("./draft.js").Action}|null,
 * }} Editor  `of`: as the daemon has it; `from`: what a new one was drafted from; `replay.of`: the rule that was replayed
 */

import { drawn, said } from "./common.js";
import { bare, blank, changes, faulty, merged, rule, unfinished, written } from "./draft.js";
import * as jobs from "./jobs.js";
import { book, index, load, suggest } from "./rulebook.js";

/** After so long without a key the rule is tried, and saved if it can be, ms. */
const PAUSE = 400;

/** @type {Map<string, Editor>} */
const drafts = new Map();
/** The open one; null while it is fetched, or when there is none of that number. @type {Editor|null} */
let current = null;
/** Why there is none. */
let missing = "";
let wanted = "";

/** @param {App} app */
export function editor(app) {
  return { editor: current?.key === keyOf(app) ? current : null, missing };
}

/** A new rule is another one when it is drafted from something else. @param {App} app */
function keyOf(app) {
  return `${app.route.path[1]}?${new URLSearchParams(app.route.query)}`;
}

/** Opens what the address says. @param {App} app */
export async function open(app) {
  const key = keyOf(app);
  if (current?.key === key) return;
  wanted = key;
  missing = "";
  current = drafts.get(key) ?? null;
  if (current) return show(app);
  const found = await (app.route.path[1] === "new" ? draft(app) : existing(app)).catch((error) => ((missing = said(error)), null));
  if (wanted !== key) return;
  if (found) {
    current = { key, ...found };
    drafts.set(key, current);
    if (current.id !== null || current.form.pattern) void check(app, current);
  }
  show(app);
}

/** Draws it; the row that is edited comes into sight, a new rule is written from its name on. @param {App} app */
function show(app) {
  const isNew = current?.id === null;
  drawn(app, () => (isNew ? document.getElementById("r-name")?.focus() : document.querySelector(".rulelist tr.open")?.scrollIntoView({ block: "nearest" })));
}

/** @param {Partial<Editor>} more @returns {Omit<Editor, "key">} */
function make(more) {
  return { id: null, form: blank(), of: null, position: null, from: "", lints: [], samples: null, all: false, touched: false, wrong: "", saved: "no", timer: 0, turn: 0, replay: null, ...more };
}

/** @param {App} app */
async function existing(app) {
  if (!book.rules) await load(app);
  const of = book.rules?.[index(Number(app.route.path[1]))];
  if (of) return make({ id: of.id, form: written(of), of: bare(of), touched: true });
  missing = book.rules ? "There is no such rule any more." : book.error;
  return null;
}

/** @param {App} app */
async function draft(app) {
  const { approval, suggest: which, copy } = app.route.query;
  if (approval) {
    const form = written(await app.ask("POST", "/rules/promote", { approval }));
    return make({ form, from: "Drafted from one decision, as narrowly as can be, and on trial. Widen it as far as you mean it." });
  }
  if (which) return suggested(app, which);
  if (!copy) return make({});
  if (!book.rules) await load(app);
  const at = index(Number(copy));
  const of = book.rules?.[at];
  return of ? make({ form: { ...written(of), name: `${of.name} (copy)` }, position: at + 1 }) : make({});
}

/** By its place in the list, or by its name. @param {App} app @param {string} which */
async function suggested(app, which) {
  if (book.suggestions.length === 0) await suggest(app);
  const found = book.suggestions[Number(which)] ?? book.suggestions.find((s) => s.rule.name === which || s.rule.pattern === which);
  if (!found) throw new Error("That suggestion is not there any more: a rule answers it by now.");
  return make({ form: written(found.rule), from: `You approved this by hand ${found.seen} times, and never denied it.` });
}

/** @param {App} app @param {Editor} e @param {Partial<Form>} change */
export function edit(app, e, change) {
  e.form = { ...e.form, ...change };
  e.wrong = "";
  e.saved = "waits";
  clearTimeout(e.timer);
  e.timer = setTimeout(() => void check(app, e), PAUSE);
  app.draw();
}

/** What is to be sent of an existing rule. @param {Editor} e */
export function unsaved(e) {
  return e.of ? changes(e.of, rule(e.form)) : {};
}

/** Tries it on the last requests; an existing one that is sound is saved. @param {App} app @param {Editor} e */
async function check(app, e) {
  const turn = (e.turn += 1);
  const missing = unfinished(e.form);
  if (missing.length) return Object.assign(e, { lints: missing, wrong: "", saved: "no" }), app.draw();
  const position = e.id === null ? e.position : index(e.id);
  try {
    const answer = await app.ask("POST", "/rules/preview", { ...rule(e.form), ...(position === null || position < 0 ? {} : { position }) });
    if (turn !== e.turn) return;
    Object.assign(e, answer, { wrong: "" });
  } catch (error) {
    if (turn !== e.turn) return;
    e.wrong = said(error);
  }
  if (e.id !== null && !e.wrong && !faulty(e.lints)) await save(app, e, turn);
  else if (e.saved === "waits") e.saved = "no";
  app.draw();
}

/** @param {App} app @param {Editor} e @param {number} turn */
async function save(app, e, turn) {
  const after = rule(e.form);
  const patch = unsaved(e);
  if (Object.keys(patch).length === 0) return void (e.saved = e.saved === "no" ? "no" : "yes");
  e.saved = "saving";
  app.draw();
  try {
    await app.ask("PATCH", `/rules/${e.id}`, patch);
    e.of = after;
    if (turn === e.turn) e.saved = "yes";
  } catch (error) {
    if (turn !== e.turn) return;
    e.wrong = said(error);
    e.saved = "no";
  }
}

/** Makes the new rule. @param {App} app @param {Editor} e */
export async function create(app, e) {
  clearTimeout(e.timer);
  e.touched = true;
  await check(app, e);
  if (e.wrong || faulty(e.lints)) return first();
  try {
    const made = await app.ask("POST", "/rules", { ...rule(e.form), ...(e.position === null ? {} : { position: e.position }) });
    drafts.delete(e.key);
    await load(app);
    void suggest(app);
    app.say(made.dry_run ? "The rule is made, on trial: it only logs what it would do." : "The rule is made, and in force.", "ok");
    location.replace(`#/settings/rules/${made.id}`);
  } catch (error) {
    e.wrong = said(error);
    app.draw();
  }
}

/** Takes the user to what has to be corrected. */
function first() {
  requestAnimationFrame(() => /** @type {HTMLElement|null} */ (document.querySelector(".editor [aria-invalid=true]"))?.focus());
}

/** Throws away what was typed. @param {App} app @param {Editor} e */
export function discard(app, e) {
  clearTimeout(e.timer);
  e.turn += 1;
  drafts.delete(e.key);
  if (current === e) current = null;
  if (e.id === null) app.go("settings", ["rules"]);
  else void open(app);
}

/** The rules changed: what was changed elsewhere comes in, where nothing was typed. @param {App} app */
export function refresh(app) {
  for (const e of drafts.values()) {
    if (e.id === null || !book.rules || e.saved === "saving") continue;
    const at = index(e.id);
    if (at >= 0) renew(e, bare(book.rules[at]));
    else lose(e);
  }
  if (!current) void open(app);
  app.draw();
}

/** @param {Editor} e @param {Rule} now */
function renew(e, now) {
  if (e.of) e.form = merged(e.form, written(e.of), written(now));
  e.of = now;
}

/** It is gone; what stands in the form can be made anew. @param {Editor} e */
function lose(e) {
  clearTimeout(e.timer);
  e.id = null;
  e.of = null;
  e.from = "This rule was deleted. What it said stands here, should you want it back.";
}

/** Over the whole log. @param {App} app @param {Editor} e */
export async function replay(app, e) {
  const of = rule(e.form);
  try {
    e.replay = { job: await jobs.begin(app, { kind: "replay", rule: of }), of: JSON.stringify(of), action: of.action };
    e.wrong = "";
  } catch (error) {
    e.wrong = said(error);
  }
  app.draw();
}
