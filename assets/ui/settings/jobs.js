/**
 * Work of the daemon that takes a while: a replay, a purge, a compaction. Told by frames; asked for after a gap.
 *
 * @typedef {import("../app.js").App} App
 * @typedef {{id: number, kind: string, state: "running"|"done"|"failed"|"cancelled", done: number, total: number|null, result: any, error: string|null, started: number, ended: number|null}} Job
 */

import { html } from "../vendor/lit-html/lit-html.js";
import { many } from "./common.js";

/** @type {Map<number, Job>} */
const jobs = new Map();

/** A job is never taken back to what it was before. @param {Job} job */
function keep(job) {
  const known = jobs.get(job.id);
  if (known && (known.state !== "running" || (job.state === "running" && known.done > job.done))) return;
  jobs.set(job.id, job);
}

/** @param {any} frame @param {App} app */
export function hear(frame, app) {
  if (frame.type === "job") keep(frame.job);
  if (frame.type === "snapshot") void catchUp(app);
}

/** What happened while nobody was connected. @param {App} app */
async function catchUp(app) {
  for (const { id, state } of jobs.values()) {
    if (state !== "running") continue;
    // A daemon that was started anew knows nothing of it.
    const gone = /** @type {Job} */ ({ ...jobs.get(id), state: "failed", error: "ccmon was started again meanwhile." });
    keep(await app.ask("GET", `/jobs/${id}`).catch(() => gone));
  }
  app.draw();
}

/** Begins one. @param {App} app @param {{kind: string, rule?: unknown}} what @returns {Promise<number>} its number */
export async function begin(app, what) {
  const job = await app.ask("POST", "/jobs", what);
  keep(job);
  app.draw();
  return job.id;
}

/** Finds what runs already, when the page opens. @param {App} app @param {string} kind @returns {Promise<number|null>} */
export async function running(app, kind) {
  const all = await app.ask("GET", "/jobs").catch(() => ({ jobs: [] }));
  const found = all.jobs.find((/** @type {Job} */ j) => j.kind === kind && j.state === "running");
  if (found) keep(found);
  return found?.id ?? null;
}

/** @param {App} app @param {number} id */
export async function cancel(app, id) {
  const job = await app.try("DELETE", `/jobs/${id}`);
  if (job?.id) keep(job);
  app.draw();
}

/** @param {number|null} id @returns {Job|null} */
export function job(id) {
  return id === null ? null : (jobs.get(id) ?? null);
}

/** How far it is, and the way out. @param {App} app @param {Job} job @param {string} label */
export function progress(app, job, label) {
  const words = job.total ? `${many(job.done)} of ${many(job.total)}` : job.done ? many(job.done) : "";
  return html`<div class="job"><span class="grow"><span class="row"><span class="grow">${label}</span><span class="dim">${words}</span></span>
    <progress aria-label=${label} max=${job.total ?? 1} .value=${job.total ? job.done : 0}></progress></span>
    <button class="btn small" type="button" @click=${() => void cancel(app, job.id)}>Cancel</button></div>`;
}
