/** The form of a rule, and beside it what it does. */

import { html } from "../vendor/lit-html/lit-html.js";
import { marks, plain } from "../parts/escapes.js";
import { icon } from "../parts/icons.js";
import { code, line } from "../parts/text.js";
import { loading, note, seg, ticked, typed, words } from "./common.js";
import { faulty, place } from "./draft.js";
import { create, discard, edit, editor, open, refresh, unsaved } from "./editing.js";
import { preview } from "./preview.js";
import { remove } from "./rulebook.js";

export { open, refresh };

/**
 * @typedef {import("../app.js").App} App
 * @typedef {import("./editing.js").Editor} Editor
 * @typedef {import("./draft.js").Form} Form
 */

const TOOLS = ["Bash", "Read", "Edit", "MultiEdit", "Write", "NotebookEdit", "Grep", "Glob", "WebFetch", "WebSearch", "Agent", "Task", "*"];

/** What the pattern is compared with. @type {Record<string, string>} */
const MEANT = { Bash: "the command", WebFetch: "the host, or the whole address", WebSearch: "the query", Agent: "the kind of agent", Task: "the kind of agent", "*": "the tool’s main input" };

/** @type {[Form["lasts"], string][]} */
const LASTS = [["forever", "Forever"], ["once", "One decision"], ["900", "15 minutes"], ["3600", "1 hour"], ["custom", "Some minutes…"], ["session", "One session…"], ["session_seconds", "One session, some minutes…"], ["restart", "Until ccmon restarts"]];

/** @param {App} app */
export function view(app) {
  const { editor: e, missing } = editor(app);
  if (!e) return missing ? note("warn", html`${words(missing)} <a href="#/settings/rules">All rules</a>`) : loading();
  const title = e.id === null ? "New rule" : html`Edit “${line(e.of?.name)}”`;
  return html`<form class="cardlet editor" aria-labelledby="editor-title" @submit=${(/** @type {Event} */ s) => (s.preventDefault(), e.id === null && void create(app, e))}><div class="in">
    <div class="row wrap"><h2 class="h2 grow" id="editor-title">${title}</h2>${status(e)}${tools(app, e)}</div>
    ${e.from ? note("info", e.from) : ""}
    ${e.wrong ? note("bad", words(e.wrong)) : ""}
    <div class="halves"><div class="form">${form(app, e)}${e.id === null ? ends(app, e) : ""}</div>${preview(app, e)}</div>
  </div></form>`;
}

/** @param {Editor} e */
function status(e) {
  if (e.id === null) return "";
  const off = e.wrong || faulty(e.lints);
  const pending = Object.keys(unsaved(e)).length > 0;
  const text = off && pending ? "Not saved: the rule stays as it was" : e.saved === "saving" || e.saved === "waits" ? "Saving…" : e.saved === "yes" ? "Saved" : "Saved at once when valid";
  return html`<span class=${off && pending ? "state-bad" : "dim"} role="status">${e.saved === "yes" && !off ? icon("check", "i-s") : ""} ${text}</span>`;
}

/** @param {App} app @param {Editor} e */
function tools(app, e) {
  const close = html`<a class="btn flat icon small" href="#/settings/rules" aria-label="Close the editor" title="Close">${icon("close", "i-s")}</a>`;
  if (e.id === null) return close;
  const id = e.id;
  const gone = () => (discard(app, e), app.go("settings", ["rules"]), void remove(app, id));
  return html`${Object.keys(unsaved(e)).length ? html`<button class="btn flat small" type="button" @click=${() => discard(app, e)}>Undo what I typed</button>` : ""}
    <a class="btn flat small" href=${`#/settings/rules/new?copy=${id}`}>${icon("copies", "i-s")}Duplicate</a>
    <button class="btn flat small" type="button" @click=${gone}>${icon("bin", "i-s")}Delete</button>${close}`;
}

/** @param {App} app @param {Editor} e */
function ends(app, e) {
  return html`<span></span><div class="row wrap"><button class="btn primary" type="submit">Create</button><button class="btn flat" type="button" @click=${() => discard(app, e)}>Discard</button></div>`;
}

/** What there is to correct in a field. @param {Editor} e @param {keyof Form} key */
function wrong(e, key) {
  if (!e.touched && !e.form[key]) return "";
  return e.lints.filter((lint) => lint.level === "error" && place(lint) === key).map((lint) => html`<small class="wrong" id=${`wrong-rule-${key}`}>${words(lint.text)}</small>`);
}

/** @param {Editor} e @param {keyof Form} key */
function invalid(e, key) {
  return wrong(e, key).length ? "true" : "false";
}

/** @param {App} app @param {Editor} e */
function form(app, e) {
  const f = e.form;
  const set = (/** @type {Partial<Form>} */ change) => edit(app, e, change);
  return html`
    <label for="r-name">Name</label><div class="cell">${input(e, "name", (name) => set({ name }), "What people call it")}${wrong(e, "name")}</div>
    <label for="r-tool">Tool</label><div class="cell"><div class="row wrap">${input(e, "tool", (tool) => set({ tool }), "Bash", "tools")}
      ${seg("How the pattern is read", f.kind, [["literal", "Literal"], ["glob", "Glob"], ["regex", "Regex"]], (kind) => set({ kind }))}</div>${wrong(e, "tool")}</div>
    <datalist id="tools">${TOOLS.map((tool) => html`<option value=${tool}></option>`)}</datalist>
    <label for="r-pattern">Matches</label><div class="cell">${area(e, "pattern", (pattern) => set({ pattern }), f.kind === "regex" ? "npm (run|test) .*" : "npm run *")}<small>${hint(f)}</small>${hidden(f.pattern)}${wrong(e, "pattern")}</div>
    <label for="r-cwd">In folder</label><div class="cell">${input(e, "cwd", (cwd) => set({ cwd }), "anywhere", "folders", "mono")}${wrong(e, "cwd")}</div>
    <datalist id="folders">${folders(app).map((folder) => html`<option value=${folder}></option>`)}</datalist>
    ${decides(e, set)}
    ${lasts(app, e, set)}
    <span class="l mid">Dry run</span><label class="row dim"><input class="switch" type="checkbox" role="switch" .checked=${f.dry_run} @change=${(/** @type {Event} */ t) => set({ dry_run: ticked(t) })} /> Only log what it would do</label>
    <span class="l mid">On</span><label class="row dim"><input class="switch" type="checkbox" role="switch" .checked=${f.enabled} @change=${(/** @type {Event} */ t) => set({ enabled: ticked(t) })} /> ${f.enabled ? "In force" : "Not in force"}</label>`;
}

/** @param {Form} f */
function hint({ tool, kind, pattern }) {
  const what = MEANT[tool.trim()] ?? (tool.startsWith("mcp__") ? "the tool’s input as JSON" : "the path");
  if (kind === "literal") return `${what}, to the letter`;
  if (kind === "regex") return `a regular expression that has to match the whole of ${what}`;
  return html`${what}; <code>*</code> stands for anything${pattern.includes("*") ? "" : html`, without one it is read to the letter`}`;
}

/** What would not be seen in a text field. @param {string} pattern */
function hidden(pattern) {
  return marks(pattern, false).length ? html`<small class="wrong">It holds characters that are not seen: <code>${code(pattern)}</code></small>` : "";
}

/** Where sessions are, and what is below. @param {App} app */
function folders(app) {
  const all = [...app.board.sessions.values()].map((session) => session.cwd).filter((cwd) => cwd && !marks(cwd, false).length);
  return [...new Set(all)].sort().flatMap((cwd) => [cwd, `${cwd}/**`]);
}

/** @param {Editor} e @param {"name"|"tool"|"cwd"} key @param {(text: string) => void} set @param {string} placeholder @param {string} [list] @param {string} [look] */
function input(e, key, set, placeholder, list = "", look = "") {
  return html`<input class="field ${look}" id=${`r-${key}`} .value=${e.form[key]} placeholder=${placeholder} list=${list} autocomplete="off" spellcheck="false"
    aria-invalid=${invalid(e, key)} aria-describedby=${`wrong-rule-${key}`} @input=${(/** @type {Event} */ t) => set(typed(t))} @change=${() => (e.touched = true)} />`;
}

/** @param {Editor} e @param {"pattern"|"message"} key @param {(text: string) => void} set @param {string} placeholder */
function area(e, key, set, placeholder) {
  const rows = Math.min(8, e.form[key].split("\n").length);
  return html`<textarea class="field ${key === "pattern" ? "mono" : ""}" id=${`r-${key}`} rows=${rows} .value=${e.form[key]} placeholder=${placeholder} spellcheck="false"
    aria-invalid=${invalid(e, key)} aria-describedby=${`wrong-rule-${key}`} @input=${(/** @type {Event} */ t) => set(typed(t))} @change=${() => (e.touched = true)}></textarea>`;
}

/** @param {Editor} e @param {(change: Partial<Form>) => void} set */
function decides(e, set) {
  const f = e.form;
  const high = f.action === "allow" && (f.kind === "literal" || f.allow_high);
  return html`<span class="l">Action</span><div class="cell">${seg("Action", f.action, [["allow", "Allow"], ["deny", "Deny"], ["ask", "Ask me"]], (action) => set({ action }))}</div>
    ${f.action === "deny" ? html`<label for="r-message">Tells Claude</label><div class="cell">${area(e, "message", (message) => set({ message }), "Why, or what to do instead (optional)")}${wrong(e, "message")}</div>` : ""}
    ${high ? html`<span class="l mid">High risk</span><div class="cell"><label class="row dim"><input class="switch" type="checkbox" role="switch" .checked=${f.allow_high} aria-invalid=${invalid(e, "allow_high")} @change=${(/** @type {Event} */ t) => set({ allow_high: ticked(t) })} /> Allow it though it is dangerous</label>${wrong(e, "allow_high")}</div>` : ""}`;
}

/** @param {App} app @param {Editor} e @param {(change: Partial<Form>) => void} set */
function lasts(app, e, set) {
  const f = e.form;
  const sessions = [...app.board.sessions.values()].filter((s) => s.state !== "ended" || s.key === f.session);
  const minutes = html`<input class="field num" size="5" inputmode="decimal" aria-label="Minutes" .value=${f.minutes} aria-invalid=${invalid(e, "minutes")} @input=${(/** @type {Event} */ t) => set({ minutes: typed(t) })} /><span class="dim">minutes</span>`;
  const which = html`<select class="field grow" aria-label="Session" aria-invalid=${invalid(e, "session")} @change=${(/** @type {Event} */ t) => set({ session: typed(t) })}>
    <option value="" .selected=${!f.session}>Choose one</option>${sessions.map((s) => html`<option value=${s.key} .selected=${s.key === f.session}>${plain(`${s.project}${s.title ? `: ${s.title}` : ""}`)}</option>`)}</select>`;
  return html`<label for="r-lasts">For</label><div class="cell"><div class="row wrap"><select class="field grow" id="r-lasts" @change=${(/** @type {Event} */ t) => set({ lasts: /** @type {Form["lasts"]} */ (typed(t)) })}>
    ${LASTS.map(([v, text]) => html`<option value=${v} .selected=${v === f.lasts}>${text}</option>`)}</select>${f.lasts === "custom" || f.lasts === "session_seconds" ? minutes : ""}${f.lasts === "session" || f.lasts === "session_seconds" ? which : ""}</div>${wrong(e, "minutes")}${wrong(e, "session")}</div>`;
}
