// What stands around every tab: tabs by mouse and keys, colours, the list of keys, a lost daemon, signing in.
import assert from "node:assert/strict";
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

const TABS = { s: "Sessions", a: "Approvals", h: "History", i: "Insight", t: "Settings" };

test("tabs open by mouse and by keys, and the address names them", async () => {
  const { page, context, faults } = await open(chrome, world);
  for (const name of Object.values(TABS)) {
    await page.getByRole("link", { name: new RegExp(`^${name}`) }).click();
    await page.waitForURL(new RegExp(`#/${name.toLowerCase()}`));
    await until(async () => (await page.title()).includes(name), `the page is called ${name}`);
    await clean(page, faults);
  }
  await page.locator("body").click({ position: { x: 640, y: 20 } });
  for (const [key, name] of Object.entries(TABS)) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await page.locator(".vtab[aria-current=page]", { hasText: name }).waitFor();
  }
  await context.close();
});

test("the list of keys opens, names the tab's own, and closes", async () => {
  const { page, context, faults } = await open(chrome, world, "#/approvals");
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keys in Approvals" });
  await dialog.waitFor();
  await dialog.getByText("this list").waitFor();
  await clean(page, faults);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await context.close();
});

test("colours follow the desktop, and a choice wins and is kept", async () => {
  const { page, context } = await open(chrome, world, "#/sessions", { dark: true });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await ground();
  await page.getByRole("button", { name: "Colours: as the desktop" }).click();
  await until(async () => (await ground()) !== dark, "it is light");
  const light = await ground();
  await page.reload();
  await page.getByText("Live", { exact: true }).waitFor();
  await until(async () => (await ground()) === light, "it is light again");
  await context.close();
});

test("a letter leads somewhere only after G, however young the page is", async () => {
  const context = await chrome.newContext();
  await context.addInitScript(() => (performance.now = () => 100));
  const page = await context.newPage();
  await page.goto((await world.cli("web", "--print-url")).trim());
  await page.getByText("Live", { exact: true }).waitFor();
  const before = page.url();
  await page.keyboard.press("a");
  await page.keyboard.press("h");
  assert.equal(page.url(), before);
  await page.keyboard.press("g");
  await page.keyboard.press("h");
  await page.waitForURL(/#\/history/);
  await context.close();
});

test("a lost daemon is told, nothing is pretended, and it comes back by itself", async () => {
  const lost = await World.open();
  try {
    const client = await asking(lost);
    const { page, context, faults } = await open(chrome, lost, "#/approvals");
    await page.getByText("npm run build").first().waitFor();
    await lost.kill();
    await page.getByRole("alert").filter({ hasText: "The daemon stopped answering" }).waitFor();
    await page.getByText("npm run build").first().waitFor();
    const port = new URL(page.url()).port;
    await lost.start(Number(port));
    await page.getByText("Live", { exact: true }).waitFor();
    await until(async () => (await lost.get("/approvals")).approvals.length === 1, "the hook came back");
    assert.deepEqual(faults.filter((f) => !/WebSocket|ERR_CONNECTION/.test(f)), []);
    client.request.hook.kill("SIGKILL");
    await context.close();
  } finally {
    await lost.close();
  }
});

test("nobody sees anything without signing in, and a code works once", async () => {
  const context = await chrome.newContext();
  const page = await context.newPage();
  const link = (await world.cli("web", "--print-url")).trim();
  const origin = new URL(link).origin;
  await page.goto(origin);
  await page.getByText("ccmon web").first().waitFor();
  assert.equal((await page.request.get(`${origin}/sessions`)).status(), 401);
  await page.goto(link);
  await page.getByText("Live", { exact: true }).waitFor();
  assert.ok(!page.url().includes("code="), page.url());
  const again = await chrome.newContext();
  const second = await again.newPage();
  await second.goto(link);
  await second.getByText("ccmon web").first().waitFor();
  assert.equal((await second.request.get(`${origin}/sessions`)).status(), 401);
  const [cookie] = await context.cookies();
  assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, "Strict"]);
  await Promise.all([context.close(), again.close()]);
});
