/** Hooks and daemon, with the settings that are nobody else's. */

import { html } from "../vendor/lit-html/lit-html.js";
import { head } from "./common.js";
import { aboutView, doctorView, examine, load as loadAbout } from "./daemon.js";
import { value } from "./config.js";
import { group, known, list, number, row, several, toggle } from "./fields.js";
import { forget, hooksView, load as loadHooks } from "./hooking.js";

/** @typedef {import("../app.js").App} App */

/** @type {import("./common.js").Page} */
export const hooks = { id: "hooks", title: "Hooks and daemon", icon: "terminal", view, enter, frame };

/** @param {App} app */
function enter(app) {
  forget();
  void loadHooks(app);
  void loadAbout(app);
  void examine(app);
}

/** The daemon is another one perhaps. @param {any} frame @param {App} app */
function frame(frame, app) {
  if (frame.type !== "snapshot") return;
  void loadHooks(app);
  void loadAbout(app);
}

/** @param {App} app */
function view(app) {
  return html`${head("Hooks and daemon", "How Claude Code tells ccmon what happens, and the program that listens.", html`<a class="btn small" href="#/welcome">Welcome page</a>`)}
    <section class="group"><h2 class="h2">Hooks</h2>${hooksView(app)}</section>
    ${doctorView(app)}
    ${known(app, () => [requests(app), web(app), terminal(app)])}
    <section class="group"><h2 class="h2">About</h2>${aboutView(app)}</section>`;
}

/** From where one may decide. @type {[string, string][]} */
const PLACES = [["popup", "Popup"], ["notification", "Notification"], ["dashboard", "Dashboard"], ["web", "Browser"], ["tui", "Terminal interface"], ["cli", "Command line"]];

/** @param {App} app */
function requests(app) {
  const anywhere = !value("approvals.decide_from")?.length;
  return group("Requests and sessions", [
    row("Decide from", anywhere ? "Anywhere" : html`Only there. What lets more run is changed only there too, or by hand in <code>config.toml</code>`, ["approvals.decide_from"], several(app, "approvals.decide_from", "Decide from", PLACES)),
    row("Wait for you", "Then the terminal asks. Claude Code itself gives up after 600 seconds", ["approvals.hold"], number(app, "approvals.hold", "Wait for you", { min: 1, max: 540, unit: "seconds" })),
    row("Wait for you, of a sub-agent", "Shorter, because the terminal cannot ask meanwhile", ["approvals.subagent_hold"], number(app, "approvals.subagent_hold", "Wait for you, of a sub-agent", { min: 1, max: 120, unit: "seconds" })),
    row("Silent after", "A working session without a sign of life, and without a tool that runs. 0: never", ["sessions.stuck_after"], number(app, "sessions.stuck_after", "Silent after", { min: 0, max: 2_678_400, unit: "seconds" })),
  ]);
}

/** @param {App} app */
function web(app) {
  return group("Web page", [
    row("Serve it", html`For browsers and scripts of this machine. <code>ccmon web</code> opens it signed in`, ["web.enabled"], toggle(app, "web.enabled", "Serve the web page")),
    row("Port", "The next free one when it is taken", ["web.port"], number(app, "web.port", "Port", { min: 1, max: 65_535, unit: "on 127.0.0.1" })),
  ]);
}

/** @param {App} app */
function terminal(app) {
  return group("Terminal", row("Open with", "For a session in tmux that nobody looks at: the program, then what comes before the command, a word a line. Empty: the usual one", ["jump.terminal"], list(app, "jump.terminal", "Terminal", "xdg-terminal-exec")));
}
