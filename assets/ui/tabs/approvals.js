/** Approvals. */

import { html } from "../vendor/lit-html/lit-html.js";

/** @type {import("../app.js").Tab} */
export const approvals = {
  id: "approvals",
  title: "Approvals",
  icon: "inbox",
  view: () => html``,
};
