// The first start in a real browser against the real daemon: greeted, hooks in, the first session heard, and never again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser, clean, focused, open } from "./support/page.mjs";
import { World, until } from "./support/world.mjs";

let chrome, world;

before(async () => {
  [chrome, world] = await Promise.all([browser(), World.open({ welcome: true })]);
});
after(async () => {
  await chrome?.close();
  await world?.close();
});

test("who opens the dashboard for the first time is led to the first session by keys alone", async () => {
  const { page, context, faults } = await open(chrome, world, "");
  await page.getByRole("heading", { name: "See which session needs you" }).waitFor();
  assert.match(page.url(), /#\/welcome$/);
  await page.getByText("without a desktop").first().waitFor();
  await clean(page, faults);
  await page.emulateMedia({ colorScheme: "dark" });
  await clean(page, faults);
  await page.getByRole("button", { name: "Show changes…" }).press("Enter");
  await page.locator(".difference .add").first().waitFor();
  await focused(page, ".difference pre");
  assert.ok(!(await world.get("/hooks")).installed, "only shown");
  await clean(page, faults);
  await page.locator(".difference").getByRole("button", { name: "Install" }).press("Enter");
  await page.getByText("Hooks installed").waitFor();
  await page.getByText("Waiting for the first session").waitFor();
  await world.claude("shop").event("SessionStart-startup");
  await page.getByText("ccmon hears Claude").waitFor();
  await page.getByRole("link", { name: "shop" }).waitFor();
  await clean(page, faults);
  await page.getByRole("button", { name: "Done" }).press("Enter");
  await page.waitForURL(/#\/sessions/);
  await page.getByText("shop").first().waitFor();
  await context.close();
});

test("what is done is done, also when the hooks go; it is found again under Settings", async () => {
  await world.ask("POST", "/hooks/uninstall", {});
  await until(async () => !(await world.get("/about")).welcome, "it is known to be done");
  const { page, context, faults } = await open(chrome, world, "");
  await page.getByText("shop").first().waitFor();
  assert.doesNotMatch(page.url(), /welcome/);
  await page.goto(new URL("/#/settings/hooks", page.url()).href);
  await page.getByRole("link", { name: "Welcome page" }).click();
  await page.getByRole("button", { name: "Show changes…" }).waitFor();
  await page.getByRole("button", { name: "Do not show this again" }).waitFor();
  await clean(page, faults);
  // Somebody installs them in a terminal, and comes back.
  await world.ask("POST", "/hooks/install", {});
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await page.getByText("Hooks installed").waitFor();
  await clean(page, faults);
  await context.close();
});
