// Takes the README's picture of the dashboard anew, light and dark, at twice the size. Needs what `tests/browser/run` needs, once run.
// Its sessions work below /home/ada, so give it a /home of its own, and a machine with a name:
//   sudo unshare --mount --uts sh -c 'mount -t tmpfs none /home && hostname ada-desk && node tests/browser/pictures.mjs'
// Leaves target/pictures/dashboard{,-dark}.png; `pngquant` makes them small enough for assets.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { browser, open } from "./support/page.mjs";
import { World } from "./support/world.mjs";

const WHERE = fileURLToPath(new URL("../../target/pictures", import.meta.url));

const QUESTION = {
  question: "Which key do the tokens get?",
  header: "Name",
  options: [
    { label: "By role", description: "surface, text, accent" },
    { label: "By colour", description: "grey-100, blue-500" },
  ],
  multiSelect: false,
};
const PLAN = "# Refund webhooks\n\n1. A table for deliveries\n2. Sign each body\n3. Try again for a day\n";

/** A session in a project on a branch, with its first prompt. */
async function begun(world, project, branch, prompt) {
  const cwd = `/home/ada/src/${project}`;
  fs.mkdirSync(path.join(cwd, ".git"), { recursive: true });
  fs.writeFileSync(path.join(cwd, ".git/HEAD"), `ref: refs/heads/${branch}\n`);
  const client = world.claude(project, { cwd });
  await client.event("SessionStart-startup");
  await client.event("UserPromptSubmit-typed", { prompt });
  return client;
}

let tools = 0;

/** Claude has run a command. */
async function ran(client, command, description) {
  const call = { tool_use_id: `toolu_${++tools}`, tool_input: { command, description } };
  await client.event("PreToolUse-Bash", call);
  await client.event("PostToolUse-Bash", call);
}

/** What goes on around the session that is shown. */
async function neighbours(world) {
  const docs = await begun(world, "docs-site", "main", "Check every link of the handbook.");
  await docs.asks("PermissionRequest-Bash", { tool_input: { command: "npm run build", description: "Build the handbook" } });
  const checkout = await begun(world, "checkout-api", "feat/refund-webhooks", "Plan webhooks for refunds.");
  await checkout.asks("PermissionRequest-ExitPlanMode", { tool_input: { plan: PLAN } });
  const tokens = await begun(world, "design-tokens", "main", "Move the colours into one place.");
  await tokens.asks("PermissionRequest-AskUserQuestion", { tool_input: { questions: [QUESTION] } });
  const mailer = await begun(world, "mailer", "fix/digest", "Send the digest at eight, not at nine.");
  await mailer.event("StopFailure-api400", { error: "overloaded", last_assistant_message: "API Error: 529 overloaded" });
  const landing = await begun(world, "landing", "main", "Make the pictures on the first page smaller.");
  await landing.event("Stop-text", { last_assistant_message: "All twelve pictures are WebP now." });
  const importer = await begun(world, "importer", "feat/csv", "Import the CSV files, measure in a sub-agent.");
  await importer.event("PreToolUse-Bash", { tool_use_id: "toolu_cargo", tool_input: { command: "cargo test --workspace" } });
  const scraper = world.claude("scraper", { cwd: "/home/ada/src/scraper" });
  await scraper.event("SessionStart-startup");
}

/** The session that is shown: its key. */
async function shown(world) {
  const client = await begun(world, "web-shop", "release/2.4", "Squash the last three commits and publish them.");
  await ran(client, "git log --oneline -5", "See the last commits");
  await ran(client, "git rebase --autosquash HEAD~3", "Squash them");
  await ran(client, "npm test", "Try the shop");
  await client.asks("PermissionRequest-Bash", { tool_input: { command: "git push --force origin main", description: "Publish the squashed commits" } });
  const { key } = await client.session();
  await world.ask("POST", `/sessions/${key}/tag`, { text: "release" });
  return key;
}

async function picture(chrome, world, key, dark) {
  const { page, context } = await open(chrome, world, `#/sessions/${key}`, { dark, scale: 2, size: { width: 1280, height: 880 } });
  await page.getByText("git rebase").first().waitFor();
  await page.locator("[data-arming=done]").waitFor();
  const file = path.join(WHERE, `dashboard${dark ? "-dark" : ""}.png`);
  await page.screenshot({ path: file, animations: "disabled" });
  console.log(file);
  await context.close();
}

fs.mkdirSync(WHERE, { recursive: true });
const world = await World.open();
try {
  await neighbours(world);
  const key = await shown(world);
  const chrome = await browser();
  for (const dark of [false, true]) await picture(chrome, world, key, dark);
  await chrome.close();
} finally {
  await world.close();
}
