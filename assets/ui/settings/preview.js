/** What the rule that is written would do: on the last decisions, and over the whole log. */

import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "../parts/icons.js";
import { line } from "../parts/text.js";
import { many, note, since, words } from "./common.js";
import { place, rule, telling, verdict } from "./draft.js";
import { replay } from "./editing.js";
import * as jobs from "./jobs.js";
import { decision } from "./rule-words.js";

/**
 * @typedef {import("../app.js").App} App
 * @typedef {import("./editing.js").Editor} Editor
 * @typedef {import("./editing.js").Sample} Sample
 */

/** @type {Record<string, string>} */
const FITS = { match: "match", held_back: "held back", no_match: "no match", out_of_scope: "out of scope" };
/** @type {Record<string, string>} */
const THEN = { allowed: "was approved", denied: "was denied", other: "was not decided" };

/** @param {App} app @param {Editor} e */
export function preview(app, e) {
  const running = jobs.job(e.replay?.job ?? null)?.state === "running";
  return html`<section class="prev" aria-labelledby="prev-title">
    <div class="row"><h3 class="h2 grow" id="prev-title">On your last decisions</h3>
      <button class="btn small" type="button" ?disabled=${running || !e.form.pattern} @click=${() => void replay(app, e)}>${icon("history", "i-s")}Replay all</button></div>
    ${samples(app, e)}
    ${replayed(app, e)}
    ${e.lints.filter((lint) => lint.level === "warning" || !place(lint)).map((lint) => note(lint.level === "error" ? "bad" : "warn", words(lint.text)))}
  </section>`;
}

/** @param {App} app @param {Editor} e */
function samples(app, e) {
  if (!e.samples) return html`<p class="dim">${e.form.pattern ? "Looking…" : "Write what it matches, and how your last decisions fare with it stands here."}</p>`;
  if (e.samples.length === 0) return html`<p class="dim">${e.form.pattern && !e.lints.some((l) => l.level === "error") ? "Nothing was decided yet that it could be tried on." : "Nothing to try yet."}</p>`;
  const shown = telling(e.samples, e.all);
  const more = e.samples.length - telling(e.samples, false).length;
  const all = () => ((e.all = !e.all), app.draw());
  return html`<p class="dim meta">${tally(e.samples)}</p>
    <ul class="samp">${shown.map((s) => sample(s, app.now()))}</ul>
    ${more > 0 ? html`<button class="btn flat small more" type="button" aria-expanded=${e.all ? "true" : "false"} @click=${all}>${e.all ? "Show fewer" : `Show all ${many(e.samples.length)}`}</button>` : ""}`;
}

/** @param {Sample[]} all */
function tally(all) {
  const of = (/** @type {string} */ fit) => all.filter((s) => s.fit === fit).length;
  const held = of("held_back");
  return `Of the last ${many(all.length)}: ${of("match")} match, ${held ? `${held} held back for their danger, ` : ""}${of("no_match")} do not match, ${of("out_of_scope")} out of scope.`;
}

/** @param {Sample} s @param {number} now */
function sample(s, now) {
  const against = (s.now === "allow" && s.then === "denied") || (s.now === "deny" && s.then === "allowed");
  const end = s.fit === "match" ? html`<span class="end">${against ? html`<b class="care">${THEN[s.then]}</b>` : ""}${decision(s.now ?? "ask")}</span>` : s.fit === "out_of_scope" ? html`<span class="end dimmer">${since(s.at, now)}</span>` : "";
  const why = s.fit === "no_match" || s.fit === "held_back" ? html`<small class="dim">${words(s.why)}</small>` : "";
  return html`<li class=${s.fit}><span class="fit">${FITS[s.fit] ?? s.fit}</span><span class="of"><span class="two">${s.tool === "Bash" || s.tool === s.text ? "" : html`<span class="dim">${line(s.tool)} </span>`}<code>${line(s.text)}</code></span>${why}</span>${end}</li>`;
}

/** @param {App} app @param {Editor} e */
function replayed(app, e) {
  const job = jobs.job(e.replay?.job ?? null);
  if (!job || !e.replay) return "";
  if (job.state === "running") return jobs.progress(app, job, "Replaying over the whole log");
  if (job.state === "failed") return note("bad", html`The replay failed: ${words(job.error ?? "no reason was given")}`);
  if (job.state === "cancelled") return note("info", "The replay was cancelled.");
  const { text, against } = verdict(job.result, e.replay.action);
  const stale = e.replay.of !== JSON.stringify(rule(e.form));
  return html`<div class="note replay ${against ? "warn" : "info"}" role="status">${icon("history")}<div class="grow"><strong>${text}</strong>
    ${stale ? html`<p class="dim">The rule has changed since.</p>` : ""}${lists(job.result, app.now())}</div></div>`;
}

/** @param {any} result @param {number} now */
function lists(result, now) {
  const { against, held_back, agree, new: unseen } = result.examples;
  const decided = result.would_decide - result.agree - result.allowed_but_denied - result.denied_but_allowed;
  return [
    list(against, result.allowed_but_denied + result.denied_but_allowed, "decided otherwise than you", true, now),
    list(held_back, result.held_back, "held back because of their danger", false, now),
    list(agree, result.agree, "decided as you did", false, now),
    list(unseen, decided, "that you did not decide", false, now),
  ];
}

/** @param {any[]} examples @param {number} count @param {string} label @param {boolean} open @param {number} now */
function list(examples, count, label, open, now) {
  if (count === 0) return "";
  const few = examples.length < count ? ` (newest ${examples.length} shown)` : "";
  return html`<details ?open=${open}><summary>${many(count)} ${label}${few}</summary><ul class="samp">${examples.map(
    (x) => html`<li><span class="of"><span class="two"><code>${line(x.text)}</code></span>${x.why ? html`<small class="dim">${words(x.why)}</small>` : ""}</span><span class="end dim">${x.then === "other" ? "" : `${THEN[x.then]} `}${since(x.at, now)}</span></li>`,
  )}</ul></details>`;
}
