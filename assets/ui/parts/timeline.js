/** What a session did, turn by turn: prompts, what Claude said, tools with their input, sub-agents with theirs. */

import { html } from "../vendor/lit-html/lit-html.js";
import { guard } from "../vendor/lit-html/directives/guard.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { only } from "../story.js";
import { fields, json } from "./fields.js";
import { icon } from "./icons.js";
import { bare } from "./preview.js";
import { shell } from "./shell.js";
import { code, line, lines } from "./text.js";
import { exact, ticks, timeOfDay, took } from "./tick.js";

/**
 * @typedef {import("../wire").Turn} Turn
 * @typedef {import("../wire").Item} Item
 * @typedef {import("./icons.js").Name} Name
 * @typedef {{part: import("../story.js").Part, open: Set<number>, toggle: (id: number) => void, now: number, live: boolean, lives: boolean}} Reader
 *   `live`: it works; `lives`: it has not ended; `open`: what is unfolded, by event; of a prompt, less than nothing
 */

/** Longer text of a message is folded. */
const LONG = 900;
/** No more of one input is drawn. */
const INPUT = 20_000;

/** @type {Record<string, Name>} */
const TOOLS = {
  Bash: "terminal", Read: "file", Edit: "pencil", MultiEdit: "pencil", Write: "pencil", NotebookEdit: "pencil", Grep: "find", Glob: "find", WebFetch: "globe", WebSearch: "globe",
  TodoWrite: "list", ExitPlanMode: "list", AskUserQuestion: "question",
};

/** @param {Turn[]} turns @param {Reader} reader */
export function timeline(turns, reader) {
  const isLast = (/** @type {number} */ n) => reader.live && n === turns.length - 1;
  const drawn = (/** @type {Turn} */ t, /** @type {number} */ n) => {
    const unfolded = openIn(reader.open, t.id, turns[n + 1]?.id ?? Infinity);
    return guard([t, reader.part, unfolded, isLast(n), reader.lives], () => turn(t, reader, isLast(n), unfolded));
  };
  return html`<ol class="turns" aria-label="Timeline">${repeat(turns, (t) => t.id, drawn)}</ol>`;
}

/** Which of a turn's are unfolded: events are numbered in their order. @param {Set<number>} open @param {number} from @param {number} to */
function openIn(open, from, to) {
  return [...open].filter((id) => Math.abs(id) >= from && Math.abs(id) < to).join();
}

/** @param {Turn} t @param {Reader} reader @param {boolean} isLast @param {string} unfolded */
function turn(t, reader, isLast, unfolded) {
  const items = only(t.items, reader.part);
  const over = t.ended !== null || !reader.lives;
  const drawn = (/** @type {Item} */ i) => guard([i, i.items.length ? unfolded : reader.open.has(i.id), over], () => item(i, reader, over));
  return html`<li class="turn">
    <ol class="time">
      ${t.prompt !== null && reader.part !== "tools" ? html`<li class="ev me">${when(t.at, reader)}${icon("person")}<div class="bub">${said(t.prompt, -t.id, reader)}</div></li>` : ""}
      ${repeat(items, (i) => i.id, drawn)}
      ${reader.part === "all" ? ending(t, isLast) : ""}
    </ol></li>`;
}

/** How a turn ended; of one that goes on, since when. @param {Turn} t @param {boolean} goesOn */
function ending(t, goesOn) {
  if (t.outcome === "failed") return last("alert", html`The turn failed`, t, "err");
  if (t.outcome === "interrupted") return last("stop", html`You interrupted it`, t, "");
  if (t.outcome === "done" && t.prompt !== null) return last("check", html`Done`, t, "");
  return goesOn && t.ended === null && t.prompt !== null ? html`<li class="ev end"><time></time>${icon("working")}<span class="dim">Working for ${ticks("run", t.at)}</span></li>` : "";
}

/** @param {Name} name @param {unknown} words @param {Turn} t @param {"err"|""} look */
function last(name, words, t, look) {
  return html`<li class="ev end ${look}"><time></time>${icon(name)}<span class="dim">${words}${t.ended === null ? "" : ` after ${took(t.ended - t.at)}`}</span></li>`;
}

/** @param {number} at @param {Reader} reader */
function when(at, reader) {
  return html`<time title=${exact(at)}>${timeOfDay(at, reader.now)}</time>`;
}

/** @param {Item} i @param {Reader} reader @param {boolean} over what it is part of has ended @returns {unknown} */
function item(i, reader, over) {
  if (i.kind === "message") return html`<li class="ev said">${when(i.at, reader)}${icon("message")}<div class="bub">${said(i.text ?? "", i.id, reader)}</div></li>`;
  if (i.kind === "notice") return html`<li class="ev ${i.failed ? "err" : ""}">${when(i.at, reader)}${icon(i.failed ? "alert" : "info")}<span class="dim wrap-text">${line(i.text ?? i.preview)}${wrong(i, "")}</span></li>`;
  return i.kind === "approval" ? request(i, reader, over) : call(i, reader, over);
}

/** Text that is folded when it is long. @param {string} text @param {number} id @param {Reader} reader */
function said(text, id, reader) {
  if (text.length <= LONG) return lines(text);
  const isOpen = reader.open.has(id);
  return html`${lines(isOpen ? text : `${text.slice(0, LONG)}…`)}<button class="fold" type="button" aria-expanded=${isOpen ? "true" : "false"} @click=${() => reader.toggle(id)}>${isOpen ? "Less" : `All of it, ${text.length.toLocaleString("en")} characters`}</button>`;
}

/** A tool, or a sub-agent with what it did. @param {Item} i @param {Reader} reader @param {boolean} over */
function call(i, reader, over) {
  const folds = i.items.length > 0 || (i.input !== null && i.input !== undefined);
  const isOpen = folds && reader.open.has(i.id);
  const look = i.failed ? "err" : i.ended === null && !over ? "now" : "";
  const asks = Boolean(i.approval && !i.approval.outcome);
  const words = html`<span class="what-done ${isOpen ? "" : "clip"}">${title(i)}${i.failed ? wrong(i, "failed") : ""}</span>`;
  return html`<li class="ev ${look}">${when(i.at, reader)}${icon(asks ? "shield" : i.failed ? "alert" : i.kind === "agent" ? "agent" : (i.tool && TOOLS[i.tool]) || "gear")}
    <div class="done">
      ${folds ? html`<button class="unfold" type="button" aria-expanded=${isOpen ? "true" : "false"} @click=${() => reader.toggle(i.id)}>${words}${icon("down", "i-s turns-over")}</button>` : words}${asked(i)}
      ${isOpen ? html`${input(i)}${i.items.length ? html`<ol class="time nested">${repeat(i.items, (n) => n.id, (n) => item(n, reader, i.ended !== null || !reader.lives))}</ol>` : ""}` : ""}
    </div>
    ${lasted(i, over, reader)}</li>`;
}

/** The line about it, without the name of the tool, which stands before it. @param {Item} i */
function rest({ tool, preview }) {
  if (!tool || preview === tool) return preview === tool ? "" : preview;
  return preview.startsWith(`${tool}: `) ? preview.slice(tool.length + 2) : preview;
}

/** How long it took, or takes already; of what nobody told the end, nothing. A sub-agent may outlive its turn. @param {Item} i @param {boolean} over @param {Reader} reader */
function lasted(i, over, reader) {
  const goesOn = i.ended === null && (i.kind === "agent" ? reader.lives : !over);
  const words = i.ended !== null ? took(i.ended - i.at) : goesOn ? html`${ticks("run", i.at)} so far` : "";
  return html`<span class="d">${words}</span>`;
}

/** Why it failed, or did not run. @param {Item} i @param {string} word */
function wrong(i, word) {
  if (!word && !i.error) return "";
  const words = html`${word}${word && i.error ? ": " : ""}${i.error ? line(i.error.slice(0, 300)) : ""}`;
  return html` <span class="bad-text">${words}</span>`;
}

/** What was asked before it ran. @param {Item} i */
function asked(i) {
  if (!i.approval) return "";
  const { id, outcome } = i.approval;
  return outcome ? html` <span class="dimmer">· ${answered(i.approval)}</span>` : html` · <a href=${`#/approvals/${encodeURIComponent(id)}`}>asks for permission</a>`;
}

/** @param {Item} i */
function title(i) {
  if (i.kind !== "agent") return html`<b>${line(bare(i.tool ?? "Tool"))}</b> <code dir="ltr">${line(rest(i))}</code>`;
  const calls = i.items.length;
  return html`<b>Sub-agent</b> ${line(i.agent?.type ?? "")}${rest(i) ? html`: ${line(rest(i))}` : ""}${calls ? html` <span class="dimmer">· ${calls} ${calls === 1 ? "call" : "calls"}</span>` : ""}`;
}

/** The whole input, readable. @param {Item} i */
function input(i) {
  if (i.input === null || i.input === undefined) return "";
  const all = typeof i.input === "object" ? fields(/** @type {Record<string, unknown>} */ (i.input)) : [{ key: "", kind: /** @type {const} */ ("text"), text: String(i.input) }];
  return html`<div class="code"><pre dir="ltr"><code>${all.map(
    ({ key, kind, text }) => html`<span class="f ${kind === "short" ? "short" : ""}"><span class="f-key">${line(key)}</span><span class="f-val">${drawn(i, key, kind, text)}</span></span>`,
  )}</code></pre></div>`;
}

/** @param {Item} i @param {string} key @param {string} kind @param {string} text */
function drawn(i, key, kind, text) {
  const shown = text.length > INPUT ? text.slice(0, INPUT) : text;
  const pieces = i.tool === "Bash" && key === "command" ? shell(shown) : kind === "json" ? json(shown) : undefined;
  return html`${code(shown, pieces)}${text.length > INPUT ? html` <span class="dimmer">… and ${(text.length - INPUT).toLocaleString("en")} more characters, in the export</span>` : ""}`;
}

/** @type {Record<string, string>} */
const OUTCOMES = { allowed: "approved", denied: "denied", released: "left to the terminal", answered_in_terminal: "answered in the terminal", timed_out: "not answered in time", session_ended: "not answered before the end" };

/** @param {NonNullable<Item["approval"]>} a */
function answered({ outcome, by }) {
  const words = OUTCOMES[outcome ?? ""] ?? String(outcome);
  const isYours = outcome === "allowed" || outcome === "denied";
  return `${words}${isYours ? (by === "rule" ? " by a rule" : " by you") : ""}`;
}

/** A request whose call is not known. @param {Item} i @param {Reader} reader @param {boolean} over */
function request(i, reader, over) {
  const open = !i.approval?.outcome;
  return html`<li class="ev ${open ? "now" : ""}">${when(i.at, reader)}${icon("shield")}
    <span class="clip">${title(i)}${asked(i)}</span>
    ${lasted(i, over, reader)}</li>`;
}

/** One line of it, elsewhere. @param {Item} i @param {number} now */
export function brief(i, now) {
  const name = i.failed ? "alert" : "check";
  return html`<li class="ev ${i.failed ? "err" : ""}"><time title=${exact(i.at)}>${timeOfDay(i.at, now)}</time>${icon(name)}<span class="clip">${title(i)}${i.failed ? html` <span class="bad-text">failed</span>` : ""}</span><span class="d">${i.ended === null ? "" : took(i.ended - i.at)}</span></li>`;
}
