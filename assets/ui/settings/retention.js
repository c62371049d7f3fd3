/** Retention: how much of the past is kept, what there is, and what can go now. */

import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "../parts/icons.js";
import { counted, failed, head, loading, many, newest, since, size, words } from "./common.js";
import { at, config } from "./config.js";
import { group, known, number, row } from "./fields.js";
import * as jobs from "./jobs.js";

/** @typedef {import("../app.js").App} App */

/** @type {import("./common.js").Page} */
export const retention = { id: "retention", title: "Retention", icon: "folder", view, enter, frame };

/** What is stored, and the jobs that were begun here. @type {{kept: any, error: string, jobs: Record<string, number|null>}} */
const state = { kept: null, error: "", jobs: { purge: null, compact: null } };

/** @param {App} app */
async function enter(app) {
  void load(app);
  for (const kind of ["purge", "compact"]) {
    const running = await jobs.running(app, kind);
    // One that was begun here meanwhile stays.
    state.jobs[kind] ??= running;
  }
  app.draw();
}

const load = newest(
  (app) => app.ask("GET", "/retention"),
  (kept) => Object.assign(state, { kept, error: "" }),
  (error) => (state.error = error),
);

/** @param {any} frame @param {App} app */
function frame(frame, app) {
  if (frame.type === "snapshot" || (frame.type === "job" && frame.job.kind !== "replay" && frame.job.state !== "running")) void load(app);
}

/** @param {App} app */
function view(app) {
  return html`${head("Retention", "How much of the past ccmon keeps. It is looked through once a day, when nothing happens.")}
    ${known(app, () => group("Keep", [
      row("Sessions", "Days after which one that has ended goes, with its events. 0: for ever", ["retention.days"], number(app, "retention.days", "Sessions", { min: 0, max: 36_500, unit: "days" })),
      row("Size", "From this on the sessions that ended first go. 0: no limit", ["retention.size_mb"], number(app, "retention.size_mb", "Size", { min: 0, max: 1_048_576, unit: "MB" })),
      row("Audit log", "Days after which a decision goes. 0: for ever", ["retention.audit_days"], number(app, "retention.audit_days", "Audit log", { min: 0, max: 36_500, unit: "days" })),
    ]))}
    <section class="group"><h2 class="h2">Stored now</h2>${stored(app)}</section>
    <section class="group"><h2 class="h2">By hand</h2><div class="rowset">
      ${work(app, "purge", "Delete what is too old", "Now, instead of at the next look. Nothing that still runs goes.", "Purge now…")}
      ${work(app, "compact", "Give free space back", "Rewrites the database in small steps; sessions do not wait for it.", "Compact…")}
    </div></section>`;
}

/** @param {App} app */
function stored(app) {
  const { kept, error } = state;
  if (!kept) return error ? failed(error, () => void load(app)) : loading();
  const figures = [[size(kept.bytes), "on disk"], [many(kept.sessions), "sessions"], [many(kept.events), "events"], [many(kept.approvals), "decisions"]];
  const last = kept.last ? `Last looked through ${since(kept.last.at, app.now())}: ${counted(kept.last.sessions, "session")}, ${counted(kept.last.events, "event")} and ${counted(kept.last.approvals, "decision")} went.` : "Not looked through yet.";
  return html`<dl class="figures">${figures.map(([n, what]) => html`<div><dt>${what}</dt><dd>${n}</dd></div>`)}</dl>
    <p class="dim">${kept.oldest ? `The oldest is from ${since(kept.oldest, app.now())}. ` : ""}${last}</p>`;
}

/** @param {App} app @param {"purge"|"compact"} kind @param {string} title @param {string} detail @param {string} verb */
function work(app, kind, title, detail, verb) {
  const job = jobs.job(state.jobs[kind]);
  if (job?.state === "running") return html`<div class="set">${jobs.progress(app, job, title)}</div>`;
  return html`<div class="set"><span class="grow"><b>${title}</b><small>${detail}</small>${job ? ended(kind, job) : ""}</span><button class="btn" type="button" @click=${() => void ask(app, kind)}>${verb}</button></div>`;
}

/** What came of it. @param {string} kind @param {import("./jobs.js").Job} job */
function ended(kind, job) {
  if (job.state === "failed") return html`<small class="wrong" role="alert">It failed: ${words(job.error ?? "no reason was given")}</small>`;
  if (job.state === "cancelled") return html`<small class="fixed" role="status">Cancelled. What was done until then stays done.</small>`;
  const { sessions = 0, events = 0, approvals = 0 } = job.result ?? {};
  const purged = sessions + events + approvals === 0 ? "Nothing was old enough to go." : `${counted(sessions, "session")}, ${counted(events, "event")} and ${counted(approvals, "decision")} went.`;
  return html`<small class="good" role="status">${icon("check", "i-s")} ${kind === "purge" ? purged : "Done."}</small>`;
}

/** What would be deleted, in words. */
function goes() {
  const of = (/** @type {string} */ key) => at(config.said?.values, `retention.${key}`);
  const parts = [
    of("days") ? `sessions that ended more than ${counted(of("days"), "day")} ago` : "",
    of("size_mb") ? `those that ended first, while there are more than ${many(of("size_mb"))} MB` : "",
    of("audit_days") ? `decisions older than ${counted(of("audit_days"), "day")}` : "",
  ].filter(Boolean);
  return parts.length ? `This deletes ${parts.join("; ")}. It cannot be undone.` : "Nothing is ever too old as it is set, so nothing will go.";
}

/** @param {App} app @param {"purge"|"compact"} kind */
async function ask(app, kind) {
  const question = kind === "purge" ? { title: "Delete what is too old?", text: goes(), verb: "Purge", risky: true } : { title: "Compact the database?", text: "This takes up to a few minutes with a large one. Nothing is deleted.", verb: "Compact" };
  if (!(await app.confirm(question))) return;
  try {
    state.jobs[kind] = await jobs.begin(app, { kind });
  } catch (error) {
    app.fail(error);
  }
  app.draw();
}
