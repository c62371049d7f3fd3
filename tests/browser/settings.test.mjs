// Settings in a real browser against the real daemon: a rule's whole life, the order by mouse and keys, settings in the file, the hooks.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { browser, clean, open } from "./support/page.mjs";
import { asking } from "./support/stories.mjs";
import { World, until } from "./support/world.mjs";

let chrome, world;

before(async () => {
  [chrome, world] = await Promise.all([browser(), World.open()]);
});
after(async () => {
  await chrome?.close();
  await world?.close();
});

const rules = async () => (await world.get("/rules")).rules;
const names = async () => (await rules()).map((rule) => rule.name);
const order = (...wanted) => until(async () => String(await names()) === String(wanted), () => `the order is ${wanted}`);

async function write(page, name, pattern) {
  await page.getByRole("link", { name: "New rule" }).click();
  await page.getByRole("heading", { name: "New rule" }).waitFor();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Matches", { exact: true }).fill(pattern);
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: `Edit “${name}”` }).waitFor();
}

test("a rule is written, tried, corrected, replayed, deleted and brought back", async () => {
  await asking(world);
  const { page, context, faults } = await open(chrome, world, "#/settings/rules");
  await page.getByText("No rules yet").waitFor();
  await write(page, "all of npm", "npm run *");
  await page.locator(".samp .match code", { hasText: "npm run build" }).waitFor();
  await page.getByLabel("Matches", { exact: true }).fill("((");
  await page.getByRole("button", { name: "Regex" }).click();
  await page.getByText("Not saved: the rule stays as it was").waitFor();
  await page.getByText(/unclosed group/).waitFor();
  assert.deepEqual((await rules()).map((r) => [r.kind, r.pattern]), [["glob", "npm run *"]]);
  await clean(page, faults);
  await page.getByLabel("Matches", { exact: true }).fill("npm (run|test) .*");
  await until(async () => (await rules())[0].pattern === "npm (run|test) .*", () => "it is saved by itself");
  await page.getByRole("button", { name: "Replay all" }).click();
  await page.getByText(/Would have approved 1 of \d+\./).waitFor();
  await page.getByRole("button", { name: "Delete" }).click();
  await order();
  await page.getByRole("button", { name: "Undo" }).click();
  await order("all of npm");
  await clean(page, faults);
  await context.close();
});

test("rules are ordered by keys and by mouse, and switched", async () => {
  const { page, context, faults } = await open(chrome, world, "#/settings/rules");
  for (const name of ["second", "third"]) await write(page, name, `${name} *`);
  await page.goto(new URL("/#/settings/rules", page.url()).href);
  await page.getByRole("heading", { name: /^Edit/ }).waitFor({ state: "detached" });
  await page.locator(".rulelist tbody tr").nth(2).waitFor();
  const third = page.getByRole("button", { name: "Move third" });
  for (const [key, words] of [["Space", "Lifted “third”, place 3 of 3"], ["ArrowUp", "Place 2 of 3"], ["ArrowUp", "Place 1 of 3"]]) {
    // The row moves, and takes the focus with it a frame later.
    await third.press(key);
    await page.locator("#told", { hasText: words }).waitFor({ state: "attached" });
  }
  await third.press("Space");
  await order("third", "all of npm", "second");
  const handle = page.getByRole("button", { name: "Move third" });
  await handle.hover();
  await page.mouse.down();
  const last = await page.locator(".rulelist tbody tr").last().boundingBox();
  await page.mouse.move(last.x + 20, last.y + last.height - 3, { steps: 8 });
  await page.locator(".drop-below").waitFor();
  await page.mouse.up();
  await order("all of npm", "second", "third");
  await page.getByRole("switch", { name: "second is on" }).click();
  await until(async () => !(await rules())[1].enabled, () => "it is off");
  await page.getByRole("button", { name: "Pause all" }).click();
  await page.getByText("All rules are paused.").waitFor();
  await page.getByRole("button", { name: "Resume all" }).click();
  await clean(page, faults);
  await context.close();
});

test("the playground says what would happen, and why", async () => {
  const { page, context, faults } = await open(chrome, world, "#/settings/rules/playground");
  await page.getByLabel("Command", { exact: true }).fill("npm run build && rm -rf dist");
  await page.getByText("Claude would ask you.").waitFor();
  await page.locator(".parts code", { hasText: "rm -rf dist" }).waitFor();
  await clean(page, faults);
  await context.close();
});

test("keys of a shortcut are pressed, or typed", async () => {
  const { page, context, faults } = await open(chrome, world, "#/settings/shortcuts");
  const said = async () => (await world.get("/settings")).values.shortcut;
  await page.getByText("They work while the tray applet runs").waitFor();
  const press = page.getByRole("button", { name: /^Press .* for Next$/ });
  await press.click();
  await page.getByText("Press them now").waitFor();
  await page.keyboard.press("Control+Alt+KeyN");
  await until(async () => (await said()).next === "<Ctrl><Alt>n", () => "what was pressed is saved");
  await press.click();
  await page.keyboard.press("Escape");
  await page.getByText("Press them now").waitFor({ state: "detached" });
  const keys = page.getByLabel("Requests: keys", { exact: true });
  await keys.fill("c");
  await keys.press("Enter");
  await page.getByText(/Not saved: .*one key with at least one of/).waitFor();
  await keys.fill("<Ctrl><Alt>n");
  await keys.press("Enter");
  await page.getByText(/Not saved: .*keys of its own/).waitFor();
  await keys.fill("<Super>space");
  await keys.press("Enter");
  await until(async () => (await said()).popup === "<Super>space", () => "what was typed is saved");
  await page.getByRole("button", { name: "Clear Next" }).click();
  await until(async () => (await said()).next === "", () => "it is off again");
  await clean(page, faults);
  await context.close();
});

test("a setting goes into the file at once; what cannot be stays out of it", async () => {
  const { page, context, faults } = await open(chrome, world, "#/settings/notifications");
  const file = () => fs.readFileSync(world.at("config/config.toml"), "utf8");
  await page.getByRole("switch", { name: "Finished" }).click();
  await page.getByText("Saved", { exact: true }).waitFor();
  assert.match(file(), /^on = true$/m);
  const from = page.getByLabel("Quiet from");
  await from.fill("25:00");
  await page.getByText(/Not saved: a time of day/).waitFor();
  assert.doesNotMatch(file(), /25:00/);
  await from.fill("21:30");
  await until(() => /21:30/.test(file()), () => "it is saved");
  await clean(page, faults);
  await context.close();
});

test("decisions come only from where they are to, and one stays there oneself", async () => {
  const { page, context, faults } = await open(chrome, world, "#/settings/hooks");
  const from = async () => (await world.get("/settings")).values.approvals.decide_from;
  const five = ["popup", "notification", "dashboard", "web", "tui"];
  const saved = (wanted) => until(async () => String(await from()) === String(wanted), async () => `it is ${wanted}, not ${await from()}`);
  const add = async () => (await world.ask("POST", "/rules", { name: "x", tool: "Bash", kind: "literal", pattern: "true", action: "allow" })).status;
  const places = page.getByRole("group", { name: "Decide from" });
  const place = (name) => places.getByRole("checkbox", { name });
  await until(async () => (await places.getByRole("checkbox", { checked: true }).count()) === 6, () => "anywhere is everywhere");
  await place("Command line").click();
  await saved(five);
  await page.getByText("Only there. What lets more run").waitFor();
  assert.equal(await add(), 403);
  await clean(page, faults);
  await place("Browser").click();
  await page.getByText(/Not saved: .*has to name a browser too/).waitFor();
  assert.equal(String(await from()), String(five));
  await place("Browser").click();
  await page.getByText(/Not saved/).waitFor({ state: "detached" });
  await saved(five);
  await place("Command line").click();
  await saved([]);
  assert.equal(await add(), 201);
  await clean(page, faults);
  await context.close();
});

test("the hooks are put in and taken out, each change shown first", async () => {
  const { page, context, faults } = await open(chrome, world, "#/settings/hooks");
  await page.getByRole("button", { name: "Install…" }).click();
  await page.locator(".difference .add").first().waitFor();
  const { path, installed } = await world.get("/hooks");
  assert.deepEqual([installed, fs.existsSync(path)], [false, false], "nothing is written yet");
  await clean(page, faults);
  await page.locator(".difference").getByRole("button", { name: "Install" }).click();
  await page.getByText("The hooks are installed.").waitFor();
  assert.ok((await world.get("/hooks")).installed);
  await page.getByRole("button", { name: "Uninstall" }).click();
  await page.locator(".difference").getByRole("button", { name: "Uninstall" }).click();
  await page.getByText("The hooks are gone.").waitFor();
  assert.ok(!(await world.get("/hooks")).installed);
  await context.close();
});

test("what is too old is purged after a yes, and told", async () => {
  const { page, context, faults } = await open(chrome, world, "#/settings/retention");
  await page.getByRole("button", { name: "Purge now" }).click();
  await clean(page, faults);
  await page.getByRole("dialog").getByRole("button", { name: "Purge" }).click();
  await page.getByText("Nothing was old enough to go.").waitFor();
  await clean(page, faults);
  await context.close();
});
