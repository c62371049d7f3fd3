/** Settings. */

import { html } from "../vendor/lit-html/lit-html.js";

/** @type {import("../app.js").Tab} */
export const settings = {
  id: "settings",
  title: "Settings",
  icon: "gear",
  view: () => html``,
};
