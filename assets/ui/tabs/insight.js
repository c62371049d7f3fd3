/** Insight. */

import { html } from "../vendor/lit-html/lit-html.js";

/** @type {import("../app.js").Tab} */
export const insight = {
  id: "insight",
  title: "Insight",
  icon: "chart",
  view: () => html``,
};
