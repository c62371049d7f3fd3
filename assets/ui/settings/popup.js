/** The popup: where it comes, and when it does not. */

import { html } from "../vendor/lit-html/lit-html.js";
import { head } from "./common.js";
import { choice, group, known, named, number, row, toggle } from "./fields.js";
import { value } from "./config.js";

/** @typedef {import("../app.js").App} App */

/** @type {import("./common.js").Page} */
export const popup = { id: "popup", title: "Popup", icon: "message", view };

/** @type {[string, string][]} */
const CORNERS = [["bottom-right", "Lower right"], ["bottom-left", "Lower left"], ["top-right", "Upper right"], ["top-left", "Upper left"]];

/** @type {import("./fields.js").Names} */
const MONITORS = { list: [["primary", "The first"], ["pointer", "Where the pointer is"]], is: /^\P{Cc}{1,100}$/u, must: "the name of a monitor, as `xrandr` has it.", hint: "HDMI-1" };

/** @param {App} app */
function view(app) {
  return html`${head("Popup", "The small window that asks you. Changes take effect at once.")}
    ${known(app, () => [place(app), manners(app)])}`;
}

/** @param {App} app */
function place(app) {
  return group("Place", [
    row("Corner", "Of the screen, clear of panels", ["popup.corner"], choice(app, "popup.corner", "Corner", CORNERS)),
    row("Monitor", "One that is not there counts as the first", ["popup.monitor"], named(app, "popup.monitor", "Monitor", MONITORS)),
  ]);
}

/** @param {App} app */
function manners(app) {
  const looking = value("popup.quiet_when_focused") ? "Its own question is in front of you. A sub-agent’s is handed to that terminal" : "A popup comes although the terminal asks as well";
  return group("Manners", [
    row("Silent while you look at the terminal", looking, ["popup.quiet_when_focused"], toggle(app, "popup.quiet_when_focused", "Silent while you look at the terminal")),
    row("Over full screen", value("popup.over_fullscreen") ? "Also over films and presentations" : "The request waits in the tray until the full screen ends", ["popup.over_fullscreen"], toggle(app, "popup.over_fullscreen", "Over full screen")),
    row("Kept ready", "When no session works. Opens faster then, and takes memory", ["popup.keep_s"], number(app, "popup.keep_s", "Kept ready", { min: 0, max: 86_400, unit: "seconds" })),
  ]);
}
