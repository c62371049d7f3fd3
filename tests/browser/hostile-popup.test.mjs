// Text of others in every card of the popup, and of the dashboard's Approvals: it stays text, nothing runs, nothing is fetched.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { browser, clean, open } from "./support/page.mjs";
import { smuggled } from "./support/smuggled.mjs";
import { HOSTILE } from "./support/stories.mjs";
import { until, World } from "./support/world.mjs";

/** With what a Markdown reader would make something of. */
const MARKDOWN = `# ${HOSTILE}

<img src=x onerror="globalThis.owned=1"> <iframe srcdoc="<script>globalThis.owned=1</script>"></iframe>
[${HOSTILE}](javascript:globalThis.owned=1) ![${HOSTILE}](http://192.0.2.1/p.png) <http://192.0.2.1/auto> http://192.0.2.1/bare

| ${HOSTILE.replaceAll("|", "")} | b |
|---|---|
| <b onmouseover=globalThis.owned=1>x</b> | [x]: javascript:globalThis.owned=1 |

- [ ] ${HOSTILE}
> ${HOSTILE}

\`\`\`"><script>globalThis.owned=1</script>
${HOSTILE}
\`\`\`

<details open ontoggle=globalThis.owned=1><summary>x</summary></details>
`;

const SUGGESTIONS = [
  { type: "addRules", behavior: "allow", destination: "localSettings", rules: [{ toolName: `Bash ${HOSTILE}`, ruleContent: HOSTILE }] },
  { type: "addDirectories", directories: [`/tmp/${HOSTILE}`], destination: "session" },
  { type: "setMode", mode: HOSTILE, destination: HOSTILE },
  { type: HOSTILE, [HOSTILE]: HOSTILE },
];

const QUESTIONS = [false, true].map((multiSelect) => ({
  question: `${multiSelect ? "Which?" : "What?"} ${HOSTILE}`,
  header: HOSTILE,
  multiSelect,
  options: [
    { label: HOSTILE, description: HOSTILE, preview: MARKDOWN },
    { label: `Other ${HOSTILE}`, description: MARKDOWN },
  ],
}));

const SCHEMA = {
  type: "object",
  required: ["choice"],
  properties: {
    choice: { type: "string", title: HOSTILE, description: HOSTILE, enum: [HOSTILE, "b"], enumNames: [HOSTILE, "B"] },
    name: { type: "string", title: `Name ${HOSTILE}`, description: HOSTILE, default: HOSTILE, pattern: HOSTILE },
    number: { type: "integer", title: HOSTILE, minimum: 1, maximum: 9 },
    yes: { type: "boolean", title: HOSTILE, default: true },
    no: { type: "boolean", title: HOSTILE },
    several: { type: "array", title: HOSTILE, items: { type: "string", enum: [HOSTILE, "other"] } },
    [HOSTILE]: { type: "string", title: HOSTILE },
  },
};

let chrome, world, client, popup, approvals;

before(async () => {
  [chrome, world] = await Promise.all([browser(), World.open()]);
  client = world.claude("hostile");
  fs.writeFileSync(path.join(client.common.cwd, "page.html"), `one\n${HOSTILE.replaceAll("\n", " ")}\nthree\n`);
  await client.event("SessionStart-startup");
  await client.event("UserPromptSubmit-typed", { prompt: HOSTILE });
  popup = await open(chrome, world, "#/approvals");
  approvals = await open(chrome, world, "#/approvals");
  await popup.page.goto(new URL("/popup.html", popup.page.url()).href);
});
after(async () => {
  await chrome?.close();
  await world?.close();
});

const file = () => path.join(client.common.cwd, "page.html");
const bash = (/** @type {object} */ more) => ({ tool_name: "Bash", tool_input: { command: HOSTILE, description: HOSTILE }, permission_suggestions: SUGGESTIONS, ...more });

/** @type {[string, string, () => object][]} name, recorded payload, and what is hostile in it */
const CARDS = [
  ["a command and its suggestions", "PermissionRequest-Bash", () => bash({})],
  ["a sub-agent", "PermissionRequest-Bash", () => bash({ agent_id: "a1", agent_type: HOSTILE })],
  ["a diff", "PermissionRequest-Edit", () => ({ tool_input: { file_path: file(), old_string: "three", new_string: HOSTILE } })],
  ["a diff of a file named so", "PermissionRequest-Edit", () => ({ tool_input: { file_path: `${client.common.cwd}/${HOSTILE}`, old_string: HOSTILE, new_string: HOSTILE } })],
  ["a new file", "PermissionRequest-Write", () => ({ tool_input: { file_path: `${client.common.cwd}/${HOSTILE}.md`, content: MARKDOWN } })],
  ["a notebook", "PermissionRequest-Edit", () => ({ tool_name: "NotebookEdit", tool_input: { notebook_path: `${client.common.cwd}/${HOSTILE}.ipynb`, cell_id: HOSTILE, cell_type: HOSTILE, new_source: HOSTILE } })],
  ["an odd edit", "PermissionRequest-Edit", () => ({ tool_name: "MultiEdit", tool_input: { file_path: file(), edits: [{ old_string: HOSTILE, new_string: HOSTILE }, HOSTILE, null] } })],
  ["questions", "PermissionRequest-AskUserQuestion", () => ({ tool_input: { questions: QUESTIONS } })],
  ["a plan", "PermissionRequest-ExitPlanMode", () => ({ tool_input: { plan: MARKDOWN, planFilePath: HOSTILE } })],
  ["what an MCP server asks", "Elicitation-form", () => ({ mcp_server_name: HOSTILE, message: MARKDOWN, requested_schema: SCHEMA })],
  ["a schema that no form can show", "Elicitation-form", () => ({ mcp_server_name: HOSTILE, message: HOSTILE, requested_schema: { ...SCHEMA, properties: { ...SCHEMA.properties, [HOSTILE]: { type: HOSTILE, title: HOSTILE } } } })],
  ["a page that an MCP server would open", "Elicitation-form", () => ({ mcp_server_name: HOSTILE, mode: "url", message: HOSTILE, url: `javascript:globalThis.owned=1//${HOSTILE}`, requested_schema: undefined })],
  ["an address", "PermissionRequest-WebFetch", () => ({ tool_input: { url: `https://${HOSTILE}/`, prompt: HOSTILE } })],
  ["an address with a script", "PermissionRequest-WebFetch", () => ({ tool_input: { url: "javascript:globalThis.owned=1//onerror", prompt: HOSTILE } })],
  ["a search", "PermissionRequest-WebFetch", () => ({ tool_name: "WebSearch", tool_input: { query: HOSTILE, allowed_domains: [HOSTILE] } })],
  ["an MCP tool", "PermissionRequest-mcp", () => ({ tool_name: `mcp__${HOSTILE}__${HOSTILE}`, tool_input: { [HOSTILE]: { [HOSTILE]: [HOSTILE] } }, mcp_server: { name: HOSTILE, source: HOSTILE }, permission_suggestions: SUGGESTIONS })],
  ["an agent", "PermissionRequest-Bash", () => ({ tool_name: "Agent", tool_input: { description: HOSTILE, prompt: MARKDOWN, subagent_type: HOSTILE } })],
  ["a file to read", "PermissionRequest-Read-outside", () => ({ tool_input: { file_path: `/tmp/${HOSTILE}`, pages: HOSTILE } })],
];

/** Controls that open something and decide nothing; */
const OPENERS = ["edit", "remember", "always", "rule", "identical", "more", "rows", "field"];
/** and those that only show more: nothing is to be closed then, and Esc would leave it to the terminal. */
const SHOW_MORE = ["more", "rows"];

for (const [name, recorded, more] of CARDS) {
  test(`${name}: shown as text`, async () => {
    const { approval, hook } = await client.asks(recorded, more());
    try {
      await look(popup, approval);
      await approvals.page.goto(new URL(`/#/approvals/${approval.id}`, approvals.page.url()).href);
      await look(approvals, approval);
    } finally {
      await world.ask("POST", `/approvals/${approval.id}/decision`, { shown: approval.shown, decision: "release" });
      hook.kill();
      await gone(popup.page);
      await gone(approvals.page);
    }
  });
}

/** @param {{page: any, faults: string[]}} at @param {{id: string}} approval */
async function look({ page, faults }, approval) {
  await shown(page);
  for (const act of OPENERS) {
    const opener = page.locator(`[data-act="${act}"]:visible`).first();
    if (!(await opener.count())) continue;
    await opener.click();
    await shown(page);
    if (!SHOW_MORE.includes(act)) await page.keyboard.press("Escape");
  }
  assert.equal((await world.get(`/approvals/${approval.id}`)).state, "pending", "looking decides nothing");
  await clean(page, faults);
}

async function shown(page) {
  await page.getByText("onerror").filter({ visible: true }).first().waitFor();
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).owned), undefined);
  assert.deepEqual(await smuggled(page), []);
}

/** The request has left the page, and another may come. */
async function gone(page) {
  await until(async () => !(await page.locator("#input").count()), "the request is gone");
}
