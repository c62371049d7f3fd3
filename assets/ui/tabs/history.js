/** History. */

import { html } from "../vendor/lit-html/lit-html.js";

/** @type {import("../app.js").Tab} */
export const history = {
  id: "history",
  title: "History",
  icon: "history",
  view: () => html``,
};
