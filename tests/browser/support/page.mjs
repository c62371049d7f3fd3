// A page of the dashboard in Chromium, that notes whatever must not happen.
import assert from "node:assert/strict";
import fs from "node:fs";
import { AXE, chromium } from "./tools.mjs";
import { PATIENCE, until } from "./world.mjs";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** @param {Record<string, string|undefined>} [env] */
export async function browser(env = process.env) {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS, env });
}

/** Signs in as `ccmon web` does, and opens an address. */
export async function open(chrome, world, hash = "#/sessions", { size = { width: 1280, height: 800 }, dark = false, scale = 1 } = {}) {
  // Colours on their way to others would be taken for colours.
  const still = { reducedMotion: "reduce" };
  const context = await chrome.newContext({ viewport: size, deviceScaleFactor: scale, colorScheme: dark ? "dark" : "light", acceptDownloads: true, ...still });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const faults = watch(page);
  await page.goto((await world.cli("web", "--print-url")).trim());
  // Signed in, one is at the dashboard; who goes on to another page does not wait for it.
  if (!hash || hash.startsWith("#")) await page.getByText("Live", { exact: true }).waitFor();
  else await page.waitForURL((url) => url.pathname === "/", { waitUntil: "commit" });
  await page.goto(new URL(`/${hash}`, page.url()).href);
  return { page, context, faults };
}

/** Does something in a page, and sees to it that nothing went wrong in it. */
export async function visit(chrome, world, hash, how, use) {
  const { page, context, faults } = await open(chrome, world, hash, how);
  const seen = () => clean(page, faults);
  await use(page, seen);
  await seen();
  await context.close();
}

/** The element that has the focus is one of these. */
export function focused(page, selector) {
  return until(() => page.evaluate((s) => document.activeElement?.matches(s), selector), async () => `the focus is on ${selector}, not on ${await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200))}`);
}

/** Violations of the policy, errors, and requests to anywhere else. */
export function watch(page) {
  const faults = [];
  page.on("pageerror", (error) => faults.push(`error: ${error.stack}`));
  page.on("dialog", (dialog) => (faults.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on("console", (message) => /Content Security Policy|Refused to/i.test(message.text()) && faults.push(`policy: ${message.text()}`));
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (!["data:", "blob:"].includes(protocol) && hostname !== "127.0.0.1") faults.push(`fetched: ${request.url()}`);
  });
  return faults;
}

/** Serious findings of an accessibility check, in words. The page's policy is kept: axe comes by the debugger. */
export async function findings(page) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(fs.readFileSync(AXE, "utf8"));
  // A colour on its way to another has the contrast of neither.
  await page.evaluate(() => Promise.all(document.getAnimations().filter((a) => a instanceof CSSTransition).map((a) => a.finished.catch(() => undefined))));
  const { violations } = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run(document, { resultTypes: ["violations"] }));
  const serious = violations.filter((v) => ["serious", "critical"].includes(v.impact));
  return serious.map((v) => `${v.id} (${v.help}): ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join("; ")}`);
}

/** Waits until there are so many. */
export async function thereAre(locator, wanted) {
  await until(async () => (await locator.count()) === wanted, async () => `${wanted} of ${locator}, there are ${await locator.count()}`);
}

/** Nothing happened that must not. */
export async function clean(page, faults) {
  assert.deepEqual(faults, []);
  assert.deepEqual(await findings(page), []);
}
