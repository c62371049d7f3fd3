/** The list of sessions, in groups of need. */

import { html } from "../vendor/lit-html/lit-html.js";
import { guard } from "../vendor/lit-html/directives/guard.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { icon } from "./icons.js";
import { pill } from "./pill.js";
import { bare, preview } from "./preview.js";
import { line } from "./text.js";
import { exact, ticks } from "./tick.js";

/**
 * @typedef {import("../wire").Session} Session
 * @typedef {import("../wire").Approval} Approval
 * @typedef {import("./groups.js").Group} Group
 * @typedef {{chosen: string, most: number, first: Map<string, Approval>, to: (key: string) => string}} Reader
 *   `first`: the oldest request of each session; `to`: the address of one, the same filters kept
 */

/** @param {Group[]} groups @param {Reader} reader */
export function list(groups, reader) {
  let room = reader.most;
  const present = groups.some((g) => g.sessions.some((s) => s.key === reader.chosen));
  return html`<div id="sessions" role="listbox" tabindex="0" aria-label="Sessions by need" aria-activedescendant=${present ? `s-${reader.chosen}` : ""}>
    ${repeat(groups, (g) => g.id, (g) => {
      const shown = g.sessions.slice(0, Math.max(0, room));
      room -= shown.length;
      return shown.length ? group(g, shown, reader) : "";
    })}
  </div>`;
}

/** @param {Group} g @param {Session[]} shown @param {Reader} reader */
function group(g, shown, reader) {
  return html`<div role="group" aria-label=${`${g.title}, ${g.sessions.length}`}><div class="gh" aria-hidden="true">${g.title} <span>${g.sessions.length}</span></div>
    ${repeat(shown, (s) => s.key, (s) => {
      const [chosen, asked, to] = [s.key === reader.chosen, reader.first.get(s.key), reader.to(s.key)];
      return guard([s, chosen, asked, to], () => row(s, chosen, asked, to));
    })}</div>`;
}

/** @param {Session} s @param {boolean} chosen @param {Approval|undefined} asked @param {string} to */
function row(s, chosen, asked, to) {
  return html`<a class="item" role="option" id=${`s-${s.key}`} tabindex="-1" aria-selected=${chosen ? "true" : "false"} href=${to}>
    <span class="row"><span class="name clip">${line(s.project)}</span>${s.pinned ? html`${icon("pin", "i-s quiet")}<span class="vh">pinned</span>` : ""}${s.branch ? html`<span class="branch clip">${icon("branch")}<span class="clip">${line(s.branch)}</span></span>` : ""}${s.tag ? html`<span class="chip clip">${line(s.tag)}</span>` : ""}</span>
    <span class="row"><span class="age">${ticks(s.state === "working" ? "run" : "age", s.since)}</span>${pill(s.state, asked?.kind === "plan")}</span>
    <span class="line clip">${second(s, asked)}</span>
  </a>`;
}

/** What it does, or why it is in its state. @param {Session} s @param {Approval|undefined} asked */
function second(s, asked) {
  if (asked) {
    const { text, code } = preview(asked);
    return html`${code ? html`${line(bare(asked.tool))}: ` : ""}${line(text)}`;
  }
  if (s.state === "working") return line(s.activity ?? plainly(s.evidence.text));
  const said = s.message && (s.state === "done" || s.state === "idle") ? html` · ${line(s.message.slice(0, 200))}` : "";
  return html`${line(plainly(s.evidence.text))} · ${exact(s.evidence.at)}${said}`;
}

/** The evidence, as one would say it; in full it says which signal that was. @param {string} text */
function plainly(text) {
  if (text === "Stop") return "Claude stopped";
  if (text.startsWith("StopFailure: ")) return `The turn failed: ${text.slice(13)}`;
  if (text === "UserPromptSubmit") return "Reads your prompt";
  const after = /^(?:PostToolUse(?:Failure)?|PostToolBatch|PermissionRequest) ([^,]+)$/.exec(text)?.[1];
  if (after) return `Goes on after ${after}`;
  return text.startsWith("SessionStart ") ? "Started, waits for a prompt" : text;
}

/** The oldest request of each session. @param {Iterable<Approval>} pending @returns {Map<string, Approval>} */
export function firsts(pending) {
  /** @type {Map<string, Approval>} */
  const found = new Map();
  for (const a of pending) {
    const known = found.get(a.session);
    if (!known || a.opened < known.opened) found.set(a.session, a);
  }
  return found;
}
