/** Notifications: what is said on the desktop, how, and when not. */

import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "../parts/icons.js";
import { line } from "../parts/text.js";
import { when } from "../parts/when.js";
import { drawn, head, note, said, speak, words } from "./common.js";
import { at, config, value } from "./config.js";
import { choice, group, known, row, sound, time, toggle } from "./fields.js";

/** @typedef {import("../app.js").App} App */

/** @type {import("./common.js").Page} */
export const notifications = { id: "notifications", title: "Notifications", icon: "bell", view };

/** @type {[string, string][]} */
const URGENCIES = [["low", "Low"], ["normal", "Normal"], ["critical", "Critical"]];

const HOUR = 3_600_000;

/** What the last test came to; `busy`: the channel that is tried. @type {{busy: string, tone: import("./common.js").Tone, words: unknown}} */
const test = { busy: "", tone: "ok", words: "" };

/** @param {App} app */
function view(app) {
  const button = html`<button class="btn" type="button" ?disabled=${test.busy !== ""} @click=${() => void send(app, "approval")}>${icon("bell", "i-s")}Send a test</button>`;
  return html`${head("Notifications", "Changes take effect at once.", button)}
    <div class="tested">${test.words ? note(test.tone, test.words) : ""}</div>
    ${known(app, () => [channels(app), alone(app), quiet(app)])}`;
}

/** @param {App} app */
function channels(app) {
  const silent = at(config.said?.values, "sessions.stuck_after");
  const after = silent ? html`Working, but quiet for more than ${silent < 120 ? `${silent} s` : `${Math.round(silent / 60)} minutes`}` : html`No session counts as silent: <a href="#/settings/hooks">say after how long</a>`;
  return group("Tell me when", [
    channel(app, "approval", "Approval needed", "A permission waits for you"),
    channel(app, "question", "Question", "Claude has a question or a plan for you"),
    channel(app, "finished", "Finished", "Claude stopped and you have not looked"),
    channel(app, "stuck", "Silent", after),
    channel(app, "failed", "Failed", "An API error ended the turn"),
    row("Beside the popup", "Also of requests that the popup shows at the same time", ["notifications.beside_popup"], toggle(app, "notifications.beside_popup", "Beside the popup")),
  ]);
}

/** @param {App} app @param {string} name @param {string} title @param {unknown} detail */
function channel(app, name, title, detail) {
  const key = (/** @type {string} */ of) => `notifications.${name}.${of}`;
  return row(title, detail, [key("on"), key("urgency"), key("sound")], html`
    <button class="btn flat small" type="button" aria-label=${`Send a test of ${title}`} ?disabled=${test.busy !== ""} @click=${() => void send(app, name)}>${test.busy === name ? "Sending…" : "Test"}</button>
    ${choice(app, key("urgency"), `${title}: urgency`, URGENCIES)}${sound(app, key("sound"), `${title}: sound`)}${toggle(app, key("on"), title)}`);
}

/** @param {App} app */
function alone(app) {
  const until = app.board.quietUntil;
  const detail = until ? html`Until <strong>${when(until, app.now())}</strong>: no popup and no notification. Requests wait in the tray.` : "No popup and no notification for a while. Requests wait in the tray.";
  const button = (/** @type {string} */ label, /** @type {() => number|"tomorrow"|null} */ wish) => html`<button class="btn small" type="button" @click=${() => void app.try("POST", "/quiet", { until: wish() })}>${label}</button>`;
  const buttons = until ? button("End now", () => null) : html`${button("Quiet for 1 h", () => app.now() + HOUR)}${button("Until tomorrow", () => "tomorrow")}`;
  return group("Quiet", row(until ? "It is quiet" : "Leave me alone", detail, [], buttons));
}

/** @param {App} app */
function quiet(app) {
  const detail = value("quiet.from") === value("quiet.to") ? "From and to are the same: the whole day is quiet." : "Nothing is said on the desktop. Requests wait in the tray.";
  return group("Quiet hours", row("Every day", detail, ["quiet.on", "quiet.from", "quiet.to"], html`
    ${time(app, "quiet.from", "Quiet from")}<span class="dim">to</span>${time(app, "quiet.to", "Quiet to")}${toggle(app, "quiet.on", "Quiet hours")}`));
}

/** @param {App} app @param {string} channel */
async function send(app, channel) {
  test.busy = channel;
  app.draw();
  try {
    const { server, version, actions, took_ms } = await app.ask("POST", "/notifications/test", { channel });
    test.tone = actions ? "ok" : "warn";
    test.words = html`Shown by <strong>${line(`${server} ${version}`.trim())}</strong>, ${actions ? "with action buttons" : "which has no action buttons: a click opens the request"}. Test answered in ${(took_ms / 1_000).toFixed(1)} s.`;
  } catch (error) {
    test.tone = "bad";
    test.words = html`No notification was shown. ${words(said(error))}`;
  }
  test.busy = "";
  drawn(app, () => speak(document.querySelector(".tested")?.textContent ?? ""));
}
