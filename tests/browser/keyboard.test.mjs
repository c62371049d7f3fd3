// The keyboard alone, from signing in on: nothing here touches a mouse, and at every stop one sees where one is.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { browser, clean, focused, watch } from "./support/page.mjs";
import { asking, fleet } from "./support/stories.mjs";
import { PATIENCE, World, until } from "./support/world.mjs";

let chrome, world, all, page, faults;

before(async () => {
  [chrome, world] = await Promise.all([browser(), World.open()]);
  all = await fleet(world);
  all.second = await asking(world, "second-site", "npm run publish-it");
  page = await (await chrome.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true })).newPage();
  page.setDefaultTimeout(PATIENCE);
  faults = watch(page);
});
after(async () => {
  await chrome?.close();
  await world?.close();
});

/** Where the keys go to: what it is, and whether one sees that. */
function stop() {
  return page.evaluate(() => {
    const e = document.activeElement;
    if (!(e instanceof HTMLElement) || e === document.body) return null;
    const rings = (/** @type {Element|null} */ x) => x !== null && getComputedStyle(x).outlineStyle !== "none" && parseFloat(getComputedStyle(x).outlineWidth) > 0;
    // A list shows it on its option, a table on the row.
    const option = document.getElementById(e.getAttribute("aria-activedescendant") ?? "");
    const box = (option ?? e).getBoundingClientRect();
    const inside = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    return { words: `${e.getAttribute("aria-label") ?? ""} ${e.innerText}`.trim(), id: e.id, ring: rings(e) || rings(option) || rings(e.closest("tr")), inside, is: e.outerHTML.slice(0, 160) };
  });
}

async function visible(where) {
  const s = await stop();
  assert.ok(s, `${where}: the focus is lost`);
  assert.ok(s.ring && s.inside, `${where}: nobody sees the focus on ${JSON.stringify(s)}`);
  return s;
}

/** Tab after Tab until something has the focus; every stop between is one to be seen. */
async function tabTo(words, most = 60) {
  const been = [];
  for (let n = 0; n < most; n++) {
    await page.keyboard.press("Tab");
    // The end of the page: the browser's own bars come between.
    if ((await stop()) === null && n > 0) continue;
    const s = await visible(`on the way to ${words}`);
    been.push(s.words || s.id);
    if (words instanceof RegExp ? words.test(s.words) : s.id === words) return;
  }
  assert.fail(`Tab never came to ${words}, but to ${JSON.stringify(been)}`);
}

/** Goes to a tab by `g` and its letter. */
async function go(letter, title) {
  await page.keyboard.press("g");
  await page.keyboard.press(letter);
  await page.locator(".vtab[aria-current=page]", { hasText: title }).waitFor();
}

const ready = (words) => page.locator("[data-decides][data-arming=done]").filter({ has: page.locator("#input", { hasText: words }) }).waitFor();

test("signing in, and every stop of the first page", async () => {
  await page.goto((await world.cli("web", "--print-url")).trim());
  await page.getByText("Live", { exact: true }).waitFor();
  for (let n = 0; n < 20; n++) {
    await page.keyboard.press("Tab");
    await visible(`stop ${n}`);
  }
  await clean(page, faults);
});

test("approving one, denying one with a message", async () => {
  await go("a", "Approvals");
  await page.locator("#waiting").waitFor();
  await tabTo("waiting");
  await goTo("npm run build");
  await page.keyboard.press("a");
  assert.match(await all["docs-site"].request.done, /"behavior":"allow"/);
  await visible("after approving");
  await goTo("npm run publish-it");
  await page.keyboard.press("d");
  await focused(page, "#message");
  await visible("in the message");
  await page.keyboard.type("Not on a Saturday.");
  await page.keyboard.press("Enter");
  assert.match(await all.second.request.done, /"message":"Not on a Saturday."/);
  await page.locator("#message").waitFor({ state: "detached" });
  await visible("after denying");
  await clean(page, faults);
});

/** To a request that waits, from the top of the list on; it may be the one that is shown. */
async function goTo(words) {
  const shown = page.locator("#waiting [aria-selected=true]");
  for (const key of ["ArrowUp", "ArrowDown"]) {
    const edge = page.getByRole("listbox", { name: "Waiting requests" }).getByRole("option").nth(key === "ArrowUp" ? 0 : -1);
    while (!(await shown.innerText()).includes(words) && (await edge.getAttribute("aria-selected")) !== "true") {
      const before = await shown.getAttribute("id");
      await page.keyboard.press(key);
      await until(async () => (await shown.getAttribute("id")) !== before, "another request");
    }
  }
  await ready(words);
}

test("making a rule", async () => {
  await go("t", "Settings");
  await tabTo(/^Rules/);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Rules", exact: true }).waitFor();
  await tabTo(/^New rule/);
  await page.keyboard.press("Enter");
  await page.locator("#r-name").waitFor();
  await tabTo("r-name");
  await page.keyboard.type("Tests of the shop");
  await tabTo("r-tool");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("Bash");
  await tabTo("r-pattern");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("npm test");
  await tabTo(/^Create$/);
  await page.keyboard.press("Enter");
  const rule = await until(async () => (await world.get("/rules")).rules[0], "a rule");
  assert.deepEqual([rule.name, rule.tool, rule.pattern], ["Tests of the shop", "Bash", "npm test"]);
  await page.getByText("Tests of the shop").first().waitFor();
  await clean(page, faults);
});

test("searching in history", async () => {
  await go("h", "History");
  await page.locator("a.rowlink").first().waitFor();
  await page.keyboard.press("/");
  await focused(page, "#find");
  await visible("in the search");
  await page.keyboard.type("sitemap");
  await page.locator("mark.hit").first().waitFor();
  await until(async () => (await page.locator("a.rowlink").count()) === 1, "one row");
  await page.keyboard.press("ArrowDown");
  await focused(page, "a.rowlink");
  await visible("on a row");
  await page.keyboard.press("Enter");
  await page.locator("#drawer-title", { hasText: "old-site" }).waitFor();
  await visible("beside the rows");
  await clean(page, faults);
  await page.keyboard.press("Escape");
  await focused(page, "a.rowlink");
});

test("exporting the audit log", async () => {
  await tabTo(/^Approval audit/);
  await page.keyboard.press("Enter");
  await page.locator(".audits a.rowlink").first().waitFor();
  await tabTo(/CSV/);
  const [file] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  assert.match(file.suggestedFilename(), /^ccmon-audit-.*\.csv$/);
  const text = fs.readFileSync(await file.path(), "utf8");
  for (const words of ["npm run build", "Not on a Saturday."]) assert.ok(text.includes(words), text);
  await until(async () => (await stop())?.id === "csv", "the focus is where it was");
  await visible("after the export");
  await clean(page, faults);
});
