/** Rows of requests: those that wait, and those that are decided. */

import { html } from "../vendor/lit-html/lit-html.js";
import { guard } from "../vendor/lit-html/directives/guard.js";
import { HANDS, auditLink } from "./audit-words.js";
import { icon } from "./icons.js";
import { act, preview } from "./preview.js";
import { pill } from "./reasons.js";
import { level } from "./risk.js";
import { line } from "./text.js";
import { age, ticks, timeOfDay, took } from "./tick.js";

/**
 * @typedef {import("../wire").Approval & {pending_ms?: number|null, message?: string|null}} Approval
 * @typedef {import("./icons.js").Name} Name
 */

/** @param {Approval} a @param {boolean} chosen */
export function waiting(a, chosen) {
  return guard([a, chosen], () => {
    const { text, code } = preview(a);
    return html`<a class="item" role="option" id=${`req-${a.id}`} tabindex="-1" aria-selected=${chosen ? "true" : "false"} href=${`#/approvals/${encodeURIComponent(a.id)}`}>
      <span class="row"><span class="name clip">${line(a.project)}</span>${a.tag ? html`<span class="chip">${line(a.tag)}</span>` : ""}</span><span class="age">${ticks("age", a.opened)}</span>
      <span class="line clip ${code ? "mono" : ""}">${line(text)}</span>
      <span class="line row">${a.kind === "permission" && level(a) ? pill(a) : icon(a.kind === "plan" ? "list" : a.kind === "permission" ? "shield" : "question", "i-s")}<span class="clip">${a.agent ? html`sub-agent ${line(a.agent.type)}` : act(a)}</span></span>
    </a>`;
  });
}

/** What became of it. @type {Record<string, {word: string, icon: Name, look: string}>} */
const OUTCOMES = {
  allowed: { word: "Approved", icon: "check", look: "ok" },
  denied: { word: "Denied", icon: "close", look: "no" },
  released: { word: "Terminal", icon: "terminal", look: "" },
  answered_in_terminal: { word: "Terminal", icon: "terminal", look: "" },
  timed_out: { word: "Timed out", icon: "clock", look: "" },
  session_ended: { word: "Ended", icon: "ended", look: "" },
};

/** @param {Approval} a */
export function outcome(a) {
  const known = OUTCOMES[a.outcome ?? ""] ?? { word: "Open", icon: /** @type {Name} */ ("clock"), look: "" };
  const word = a.kind !== "permission" && a.outcome === "allowed" && a.kind !== "plan" ? "Answered" : known.word;
  return html`<span class="dec" data-o=${known.look}>${icon(known.icon, "i-s")}${word}</span>`;
}

/** @param {Approval} a @param {number} now */
export function decided(a, now) {
  return guard([a, new Date(now).toDateString()], () => {
    const { text, code } = preview(a);
    return html`<li><a class="item tight" href=${auditLink(a.id)}>
      <span class="row">${outcome(a)}<span class="clip">${line(a.project)}</span></span><time class="age">${timeOfDay(a.settled ?? a.opened, now)}</time>
      <span class="line clip ${code ? "mono" : ""}">${line(text)}</span>
      <span class="line clip2">${by(a)}</span>
    </a></li>`;
  });
}

/** By whom, in a few words. @param {Approval} a */
export function by(a) {
  const after = typeof a.pending_ms === "number" ? took(a.pending_ms) : "";
  if (a.outcome === "timed_out") return `after ${age(a.pending_ms ?? 540_000)}${a.headless ? ", denied" : ", the terminal asked instead"}`;
  if (a.outcome === "answered_in_terminal") return "answered there first";
  if (a.by === "unseen") return "left to the terminal: nobody could see a popup";
  if (a.outcome === "released") return a.by === "rule" ? ruled(a) : `left to the terminal by ${a.by && Object.hasOwn(HANDS, a.by) ? "you" : "ccmon"}`;
  if (a.outcome === "session_ended") return "the session ended first";
  if (a.by === "rule") return ruled(a);
  if (a.message) return html`by you: ${line(a.message.slice(0, 200))}`;
  const place = HANDS[a.by ?? ""];
  return `by you${place ? `, ${place}` : ""}${after ? ` · after ${after}` : ""}`;
}

/** @param {Approval} a */
function ruled(a) {
  return a.rule ? html`by rule ${a.rule.id} “${line(a.rule.name)}”` : "by a rule";
}
