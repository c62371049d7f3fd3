/** The playground: a call, and which rule decides it, and why. Nothing runs. */

import { html } from "../vendor/lit-html/lit-html.js";
import { cardFor } from "../parts/cards.js";
import { still } from "../parts/page.js";
import { plain } from "../parts/escapes.js";
import { icon } from "../parts/icons.js";
import { pill, why } from "../parts/reasons.js";
import { line } from "../parts/text.js";
import { head, note, said, seg, typed, words } from "./common.js";
import { decision } from "./rule-words.js";

/** @typedef {import("../app.js").App} App */

/** After so long without a key it is tried, ms. */
const PAUSE = 350;

/** @type {Record<string, string>} */
const EXAMPLES = {
  Read: '{"file_path": "/home/me/src/app/.env"}',
  Edit: '{"file_path": "/home/me/src/app/main.rs", "old_string": "a", "new_string": "b"}',
  Write: '{"file_path": "/home/me/src/app/notes.md", "content": "…"}',
  WebFetch: '{"url": "https://example.com/page", "prompt": "What does it say?"}',
};

const call = { kind: /** @type {"command"|"tool"} */ ("command"), command: "", tool: "Read", input: EXAMPLES.Read, cwd: "", session: "" };
/** @type {{answer: any, asked: any, wrong: string, busy: boolean}} */
const found = { answer: null, asked: null, wrong: "", busy: false };
let timer = 0;
let turn = 0;

/** @param {App} app */
export function view(app) {
  const back = html`<a class="btn" href="#/settings/rules">${icon("previous", "i-s")}All rules</a>`;
  return html`<div class="rules">
    ${head("Playground", "Write what Claude might ask for, and see which rule decides. Nothing runs, and nothing is counted.", back)}
    <div class="cardlet"><div class="in halves"><form class="form" @submit=${(/** @type {Event} */ e) => (e.preventDefault(), void test(app))}>${form(app)}</form>
      <section class="prev" aria-live="polite" aria-busy=${found.busy ? "true" : "false"}><h2 class="h2">Answer</h2>${outcome()}</section></div></div>
  </div>`;
}

/** @param {App} app @param {Partial<typeof call>} change */
function set(app, change) {
  Object.assign(call, change);
  clearTimeout(timer);
  timer = setTimeout(() => void test(app), PAUSE);
  app.draw();
}

/** @param {App} app */
function form(app) {
  const sessions = [...app.board.sessions.values()].filter((s) => s.state !== "ended");
  return html`<span class="l">Call</span><div class="cell">${seg("Call", call.kind, [["command", "Command"], ["tool", "Other tool"]], (kind) => set(app, { kind }))}</div>
    ${call.kind === "command" ? command(app) : tool(app)}
    <label for="p-cwd">In folder</label><div class="cell"><input class="field mono" id="p-cwd" placeholder="nowhere in particular" list="p-folders" spellcheck="false" .value=${call.cwd} @input=${(/** @type {Event} */ e) => set(app, { cwd: typed(e) })} />
      <datalist id="p-folders">${[...new Set(sessions.map((s) => s.cwd))].map((cwd) => html`<option value=${cwd}></option>`)}</datalist></div>
    <label for="p-session">Session</label><select class="field" id="p-session" @change=${(/** @type {Event} */ e) => set(app, { session: typed(e) })}>
      <option value="" .selected=${!call.session}>None of those that run</option>${sessions.map((s) => html`<option value=${s.key} .selected=${s.key === call.session}>${plain(s.project)}</option>`)}</select>
    <span></span><div><button class="btn" type="submit">${icon("play", "i-s")}Try it</button></div>`;
}

/** @param {App} app */
function command(app) {
  const rows = Math.min(10, Math.max(2, call.command.split("\n").length));
  return html`<label for="p-command">Command</label><textarea class="field mono" id="p-command" rows=${rows} spellcheck="false" placeholder="npm run build && git push" .value=${call.command} @input=${(/** @type {Event} */ e) => set(app, { command: typed(e) })}></textarea>`;
}

/** @param {App} app */
function tool(app) {
  const choose = (/** @type {Event} */ e) => {
    const fresh = Object.values(EXAMPLES).includes(call.input) ? EXAMPLES[typed(e)] : undefined;
    set(app, { tool: typed(e), ...(fresh ? { input: fresh } : {}) });
  };
  return html`<label for="p-tool">Tool</label><div class="cell"><input class="field" id="p-tool" list="p-tools" spellcheck="false" .value=${call.tool} @input=${choose} />
      <datalist id="p-tools">${Object.keys(EXAMPLES).map((name) => html`<option value=${name}></option>`)}</datalist></div>
    <label for="p-input">Input, as JSON</label><textarea class="field mono" id="p-input" rows="4" spellcheck="false" .value=${call.input} aria-invalid=${found.wrong ? "true" : "false"} @input=${(/** @type {Event} */ e) => set(app, { input: typed(e) })}></textarea>`;
}

/** The call as the daemon takes it. */
function asked() {
  const where = { cwd: call.cwd.trim(), session: call.session };
  if (call.kind === "command") return { command: call.command, ...where };
  try {
    return { tool: call.tool.trim(), input: JSON.parse(call.input), ...where };
  } catch (error) {
    throw new Error(`The input is no JSON: ${said(error)}`);
  }
}

/** @param {App} app */
async function test(app) {
  clearTimeout(timer);
  const now = (turn += 1);
  if (call.kind === "command" && !call.command.trim()) return;
  found.busy = true;
  try {
    const body = asked();
    const answer = await app.ask("POST", "/rules/test", body);
    if (now === turn) Object.assign(found, { answer, asked: body, wrong: "" });
  } catch (error) {
    if (now === turn) Object.assign(found, { answer: null, wrong: said(error) });
  }
  if (now === turn) found.busy = false;
  app.draw();
}

function outcome() {
  const { answer, asked: body, wrong } = found;
  if (wrong) return note("bad", words(wrong));
  if (!answer) return html`<p class="dim">It stands here as soon as there is something to judge.</p>`;
  const request = /** @type {any} */ ({ kind: "permission", tool: body.tool ?? "Bash", input: body.input ?? { command: body.command }, risk: { level: answer.risk, findings: answer.findings } });
  return html`<div class="row wrap verdict">${decision(answer.decision)}<span class="grow">${by(answer)}</span>${pill(request)}</div>
    ${answer.message ? note("info", html`Claude is told: ${line(answer.message)}`) : ""}
    ${cardFor(request).body(still(request))}
    ${why(request, true)}
    ${reasons(answer)}
    ${answer.trial.length ? html`<p class="dim">On trial, and would decide it: ${answer.trial.map(named)}</p>` : ""}`;
}

/** @param {any} answer */
function by(answer) {
  if (answer.rule) return html`by ${named(answer.rule)}`;
  return answer.decision === "ask" ? "Claude would ask you." : "";
}

/** @param {{id: number, name: string}} rule */
function named(rule) {
  return html`<a href=${`#/settings/rules/${rule.id}`}>${line(rule.name)}</a> `;
}

/** Part by part where there are some, and what is to say of the whole. @param {any} answer */
function reasons(answer) {
  const parts = answer.parts.filter((/** @type {any} */ part) => part.text);
  const told = answer.reasons.filter((/** @type {string} */ r) => !parts.some((/** @type {any} */ part) => part.why === r));
  const table = html`<table class="t parts"><thead><tr><th>Part</th><th>Why</th></tr></thead><tbody>${parts.map(
    (/** @type {any} */ part) => html`<tr><td><code>${line(part.text)}</code></td><td>${part.rule ? named(part.rule) : ""}<span class="dim">${words(part.why)}</span></td></tr>`,
  )}</tbody></table>`;
  return [parts.length ? table : "", told.length ? html`<ul class="because">${told.map((/** @type {string} */ r) => html`<li>${words(r)}</li>`)}</ul>` : ""];
}
