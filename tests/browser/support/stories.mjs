// Sessions as people have them, told with recorded payloads.

/** What must never run, load or reorder, wherever it is shown. */
export const HOSTILE = [
  `<img src=x onerror="globalThis.owned=1">`,
  `<script>globalThis.owned=1</script>`,
  `"><svg onload=globalThis.owned=1>`,
  "javascript:globalThis.owned=1",
  "[link](javascript:globalThis.owned=1) ![pixel](http://192.0.2.1/p.png)",
  "a\u202egnp.exe\u2066b\u200bc",
  "\u001b]8;;http://192.0.2.1/\u0007click\u001b]8;;\u0007 \u001b[31mred\u001b[0m \u0085",
  "${7*7} {{7*7}} `id` $(id) %s %n",
].join(" ");

/** One session in every state. */
export async function fleet(world) {
  const all = await Promise.all([asking(world), questioned(world), planning(world), failed(world), done(world), working(world), idle(world), ended(world)]);
  const names = ["docs-site", "tokens", "checkout-api", "mailer", "landing", "importer", "scraper", "old-site"];
  return Object.fromEntries(names.map((name, i) => [name, all[i]]));
}

/** One command has run, and the next one asks. */
export async function asking(world, project = "docs-site", command = "npm run build") {
  const client = await begun(world, project, "Build the docs and publish them.");
  await client.event("PreToolUse-Bash", { tool_use_id: "toolu_1", tool_input: { command: "git status", description: "See what changed" } });
  await client.event("PostToolUse-Bash", { tool_use_id: "toolu_1", tool_input: { command: "git status", description: "See what changed" } });
  client.request = await client.asks("PermissionRequest-Bash", { tool_input: { command, description: "Build the docs" } });
  return client;
}

async function questioned(world) {
  const client = await begun(world, "tokens", "Move the colours into one place.");
  client.request = await client.asks("PermissionRequest-AskUserQuestion");
  return client;
}

async function planning(world) {
  const client = await begun(world, "checkout-api", "Plan refund webhooks.");
  client.request = await client.asks("PermissionRequest-ExitPlanMode");
  return client;
}

async function failed(world) {
  const client = await begun(world, "mailer", "Send the digest at eight.");
  await client.event("StopFailure-api400");
  return client;
}

async function done(world) {
  const client = await begun(world, "landing", "Make the hero smaller.");
  await client.event("PreToolUse-Edit", { tool_use_id: "toolu_2" });
  await client.event("PostToolUse-Edit", { tool_use_id: "toolu_2" });
  await client.event("Stop-text");
  return client;
}

async function working(world) {
  const client = await begun(world, "importer", "Import the CSV files, measure in a sub-agent.");
  await client.event("PreToolUse-Agent");
  await client.event("SubagentStart");
  await client.event("PreToolUse-Bash-subagent");
  return client;
}

async function idle(world) {
  const client = world.claude("scraper");
  await client.event("SessionStart-startup");
  return client;
}

async function ended(world) {
  const client = await begun(world, "old-site", "Archive the old site, keep the sitemap.");
  await client.event("PreToolUse-Bash", { tool_use_id: "toolu_3", tool_input: { command: "tar czf site.tgz public" } });
  await client.event("PostToolUse-Bash", { tool_use_id: "toolu_3", tool_input: { command: "tar czf site.tgz public" } });
  await client.event("Stop-text");
  await client.event("SessionEnd-prompt_input_exit");
  client.end();
  return client;
}

/** Whatever somebody else may write, in every field that is shown. */
export async function hostile(world) {
  const client = world.claude("hostile", { cwd: `/tmp/${HOSTILE.replaceAll("/", "_")}` });
  await client.event("SessionStart-startup", { model: HOSTILE });
  await client.event("UserPromptSubmit-typed", { prompt: HOSTILE });
  await client.event("PreToolUse-Bash", { tool_name: HOSTILE, tool_use_id: "toolu_4", tool_input: { command: HOSTILE, [HOSTILE]: HOSTILE } });
  await client.event("PostToolUseFailure-Bash", { tool_name: HOSTILE, tool_use_id: "toolu_4", error: HOSTILE });
  await client.event("SubagentStart", { agent_type: HOSTILE });
  await client.event("Notification-permission_prompt", { message: HOSTILE, title: HOSTILE });
  client.request = await client.asks("PermissionRequest-Bash", { tool_name: `mcp__${HOSTILE}__${HOSTILE}`, tool_input: { command: HOSTILE, description: HOSTILE, [HOSTILE]: HOSTILE } });
  return client;
}

async function begun(world, project, prompt) {
  const client = world.claude(project);
  await client.event("SessionStart-startup");
  await client.event("UserPromptSubmit-typed", { prompt });
  return client;
}
