/** What stands in the frame when there is nothing to decide: closing words, and the loss of the daemon. */

import { html } from "../vendor/lit-html/lit-html.js";
import { visible } from "../queue.js";
import { icon } from "./icons.js";
import { shell } from "./shell.js";
import { code, line } from "./text.js";
import { ago } from "./time.js";
import { who } from "./who.js";

/**
 * @typedef {import("../queue.js").State} State
 * @typedef {import("../wire").Approval} Approval
 */

/** How much of a command is repeated when it is already decided. */
const REPEATED = 160;

/** @type {Record<string, string>} */
const BY = {
  dashboard: "in the dashboard",
  web: "in the browser",
  cli: "from the command line",
  tui: "in ccmon tui",
  notification: "from the notification",
  rule: "by a rule",
  popup: "in the popup",
};

/** What became of it, in a few words. @param {Approval|null} how @param {Approval} a @returns {{title: string, good: boolean}} */
export function ending(how, a) {
  const good = true;
  if (!how?.outcome) return { title: "No longer pending", good: false };
  if (how.outcome === "answered_in_terminal") return { title: "Answered in the terminal", good };
  if (how.outcome === "timed_out") return { title: a.headless ? "Time is up, it was denied" : "Time is up, the terminal asks", good: false };
  if (how.outcome === "session_ended") return { title: "The session has ended", good: false };
  if (how.outcome === "released") return { title: "Left to the terminal", good };
  const verb = how.outcome === "allowed" ? "Approved" : "Denied";
  return { title: `${verb} ${BY[how.by ?? ""] ?? "elsewhere"}`, good };
}

/** @param {State} s @param {Approval} a @param {number} now */
export function closing(s, a, now) {
  const how = s.closing?.how ?? null;
  const { title, good } = ending(how, a);
  const more = visible(s).filter((p) => p.id !== a.id).length;
  const count = more ? html`<span class="pager">${more} left</span>` : "";
  return html`<main class="card" aria-labelledby="h">
    ${who(a, { now, pager: count, meta: false })}
    <section class="state">
      <span class="big ${good ? "ok" : ""}">${icon(good ? "check" : "clock")}</span>
      <h1 id="h">${title}</h1>
      <p class="dim">${how?.settled ? `${capital(ago(how.settled, now))}: ` : ""}${what(a)}</p>
      <p class="dimmer">Nothing was sent from here.${more ? " The next request follows." : ""}</p>
    </section>
    <footer class="act"><div class="closes" aria-hidden="true"></div></footer>
  </main>`;
}

/** @param {State} s @param {Approval} a @param {number} now */
export function lost(s, a, now) {
  return html`<main class="card" aria-labelledby="h">
    ${who(a, { now, meta: false })}
    <section class="state">
      <span class="big warn">${icon("lost")}</span>
      <h1 id="h" tabindex="-1">ccmon is not answering</h1>
      <p>${s.unsent ? html`Your decision was <strong>not sent</strong>.` : html`Nothing was sent from here.`} ${instead(a)}</p>
      <p class="dim">Nothing is lost: when ccmon is back, the request stands here again.</p>
    </section>
    <footer class="act"><div class="in">
      <div class="two">
        ${a.headless || !s.jumps ? "" : html`<button class="btn primary" type="button" data-act="jump">${icon("jump", "i-s")}Jump to terminal<kbd>J</kbd></button>`}
        <button class="btn" type="button" data-act="retry">Try now</button>
      </div>
      <div class="sub">
        <button class="btn flat" type="button" data-act="copy">Copy “ccmon doctor”</button>
        <button class="btn flat" type="button" data-act="later">Close<kbd>Esc</kbd></button>
      </div>
    </div></footer>
  </main>`;
}

/** @param {Approval} a */
function instead(a) {
  if (a.headless) return "Without a decision it is denied.";
  if (a.hides_terminal) return "The terminal asks as soon as the hook gives up.";
  return "The request is open in its terminal too, answer it there.";
}

/** @param {Approval} a */
export function what(a) {
  if (a.tool !== "Bash" || typeof a.input.command !== "string") return line(a.tool);
  const text = a.input.command;
  const cut = text.length > REPEATED ? `${text.slice(0, REPEATED)}…` : text;
  return html`<code dir="ltr">${code(cut, shell(cut).map((p) => ({ ...p, k: "" })))}</code>`;
}

/** @param {string} s */
function capital(s) {
  return s.charAt(0).toUpperCase() + s.slice(1);
}
