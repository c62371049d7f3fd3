/** Cards of tools that are not Claude's own, and of those that start a sub-agent. */

import { html } from "../vendor/lit-html/lit-html.js";
import { wholeInput } from "./input.js";
import { others } from "./others.js";
import { block, code, line } from "./text.js";

/** @typedef {import("./cards.js").Card} Card */

/** The server and the tool that a name is made of: `mcp__SERVER__TOOL`. @param {string} name */
export function named(name) {
  const found = /^mcp__(.+?)__(.+)$/s.exec(name);
  return found && { server: found[1], tool: found[2] };
}

/** @type {Card} */
export const mcp = {
  heading: () => "Use this tool?",
  body: ({ a }) => {
    const name = named(a.tool);
    return html`${name ? html`<p class="where">Tool <code dir="ltr"><strong>${line(name.tool)}</strong></code> of the MCP server <code dir="ltr"><strong>${line(name.server)}</strong></code></p>` : ""}${wholeInput(a)}`;
  },
  act: "decide",
};

/** @type {Card} */
const agent = {
  heading: () => "Start this sub-agent?",
  body: ({ a }) => {
    const { prompt, subagent_type: type, description, ...rest } = a.input;
    if (typeof prompt !== "string") return wholeInput(a);
    // The description stands below, as Claude's note.
    const told = typeof description === "string" ? {} : { description };
    return html`${typeof type === "string" ? html`<p class="where">Sub-agent <code dir="ltr"><strong>${line(type)}</strong></code>, told:</p>` : ""}
      ${block(code(prompt), "Prompt of the sub-agent")}${others({ ...(typeof type === "string" || type === undefined ? {} : { subagent_type: type }), ...(description === undefined ? {} : told), ...rest })}`;
  },
  act: "decide",
};

/** @type {Record<string, Card>} */
export const agents = { Agent: agent, Task: agent };
