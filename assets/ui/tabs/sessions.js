/** Sessions. */

import { html } from "../vendor/lit-html/lit-html.js";

/** @type {import("../app.js").Tab} */
export const sessions = {
  id: "sessions",
  title: "Sessions",
  icon: "sessions",
  view: () => html``,
};
