/** The daemon: what it is, where its files are, what it lacks. */

import { html } from "../vendor/lit-html/lit-html.js";
import { plain } from "../parts/escapes.js";
import { icon } from "../parts/icons.js";
import { line } from "../parts/text.js";
import { failed, loading, newest, note, since, words } from "./common.js";

/** @typedef {import("../app.js").App} App */

/** @typedef {{check: string, result: "ok"|"warning"|"failed", found: string, remedy?: string}} Check */

/** @type {{told: any, error: string}} */
const about = { told: null, error: "" };
/** @type {{checks: Check[]|null, error: string, busy: boolean}} */
const doctor = { checks: null, error: "", busy: false };

/** @type {Record<string, string>} */
const PATHS = { config: "Settings", database: "Database", log: "Log", socket: "Socket", state: "State" };
const RESULTS = /** @type {const} */ ({ ok: ["check", "Good"], warning: ["alert", "Could be better"], failed: ["stop", "Failed"] });

export const load = newest(
  (app) => app.ask("GET", "/about"),
  (told) => Object.assign(about, { told, error: "" }),
  (error) => (about.error = error),
);

/** It asks programs of the desktop, which take their time. */
export const examine = newest(
  (app) => {
    doctor.busy = true;
    app.draw();
    return app.ask("GET", "/doctor", undefined, AbortSignal.timeout(60_000));
  },
  ({ checks }) => Object.assign(doctor, { checks, error: "", busy: false }),
  (error) => Object.assign(doctor, { error, busy: false }),
);

/** What the last look found of one thing. @param {string} name */
export function check(name) {
  return doctor.checks?.find((c) => c.check === name) ?? null;
}

/** @param {App} app */
export function aboutView(app) {
  const { told, error } = about;
  if (!told) return error ? failed(error, () => void load(app)) : loading();
  const paths = Object.entries(PATHS).filter(([key]) => told.paths?.[key]);
  return html`<div class="rowset">
    <div class="set"><span class="grow"><b>ccmon ${line(told.version)}</b><small>Process ${told.pid}, started ${since(told.started, app.now())}${told.port ? html`, web page on <code>127.0.0.1:${told.port}</code>` : ", no web page"}</small></span></div>
    ${told.program ? path(app, "Program", told.program) : ""}
    ${paths.map(([key, name]) => path(app, name, told.paths[key]))}
  </div>`;
}

/** @param {App} app @param {string} name @param {string} text */
function path(app, name, text) {
  return html`<div class="set path"><span class="grow"><b>${name}</b><code>${line(text)}</code></span>${copy(app, text, `Copy the path: ${name}`)}</div>`;
}

/** @param {App} app @param {string} text @param {string} label */
function copy(app, text, label) {
  return html`<button class="btn flat icon small" type="button" aria-label=${label} title="Copy" @click=${() => void app.copy(text)}>${icon("copies", "i-s")}</button>`;
}

/** @param {App} app */
export function doctorView(app) {
  const { checks, error, busy } = doctor;
  const button = html`<button class="btn small" type="button" ?disabled=${busy} @click=${() => void examine(app)}>${busy ? "Looking…" : checks ? "Look again" : "Look for problems"}</button>`;
  return html`<section class="group"><div class="row"><h2 class="h2 grow">Doctor</h2>${button}</div>
    <div aria-live="polite" aria-busy=${busy ? "true" : "false"}>${error ? failed(error, () => void examine(app)) : checks ? found(app, checks) : html`<p class="dim">${busy ? "Looking at the daemon, the hooks and the desktop…" : "Looks at everything that ccmon needs, and says what to do."}</p>`}</div></section>`;
}

/** What wants doing; the rest can be opened. @param {App} app @param {Check[]} checks */
function found(app, checks) {
  const wanting = checks.filter((c) => c.result !== "ok");
  const good = checks.filter((c) => c.result === "ok");
  return html`${wanting.length ? html`<ul class="rowset">${wanting.map((c) => finding(app, c))}</ul>` : note("ok", "Nothing is wrong.")}
    ${good.length ? html`<details class="good-ones"><summary>${good.length === 1 ? "1 thing is" : `${good.length} things are`} good</summary><ul class="rowset">${good.map((c) => finding(app, c))}</ul></details>` : ""}`;
}

/** @param {App} app @param {Check} c */
function finding(app, c) {
  const [picture, word] = RESULTS[c.result] ?? RESULTS.warning;
  return html`<li class="set check ${c.result}">${icon(picture)}<span class="grow"><b>${line(c.check)}</b><span class="vh">: ${word}</span><small>${words(c.found)}</small>${c.remedy ? html`<small class="remedy">${words(c.remedy)}</small>` : ""}</span>
    ${c.remedy ? copy(app, c.remedy, `Copy what to do about ${plain(c.check)}`) : ""}</li>`;
}
