// History and Insight in the browser: what is found, opened, taken away and deleted, by pointer, keys and in little room.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, describe, it } from "node:test";
import { browser, thereAre, visit } from "./support/page.mjs";
import { asking, fleet } from "./support/stories.mjs";
import { World, until } from "./support/world.mjs";

const WIDE = { size: { width: 1280, height: 800 } };
const NARROW = { size: { width: 360, height: 740 } };

let chrome, world, all;

before(async () => {
  [chrome, world] = await Promise.all([browser(), World.open()]);
  all = await fleet(world);
  await decide(all["docs-site"].request.approval, { decision: "deny", message: "Read the docs first." });
});
after(async () => {
  await chrome?.close();
  await world?.close();
});

async function decide(approval, decision) {
  const { status, body } = await world.ask("POST", `/approvals/${approval.id}/decision`, { shown: approval.shown, ...decision });
  assert.equal(status, 200, JSON.stringify(body));
}

const at = (hash, how, use) => visit(chrome, world, hash, how, use);

const rows = (page) => page.locator("a.rowlink");
const row = (page, words) => page.locator(".rows tbody tr", { hasText: words });
const title = (page) => page.locator("#drawer-title");

async function read(download) {
  return fs.readFileSync(await download.path(), "utf8");
}

describe("sessions of the past", () => {
  it("are found while one writes, with the words that were found", async () => {
    await at("#/history", WIDE, async (page) => {
      await rows(page).first().waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type("sitemap");
      await row(page, "Archive the old").locator("mark.hit").first().waitFor();
      await until(async () => (await rows(page).count()) === 1, "one row");
      // One row is found by less of the word than that.
      await page.waitForURL(/q=sitemap/);
      assert.equal(await page.locator("#find").inputValue(), "sitemap");
    });
  });

  it("are gone through with the keys, and the focus is where one left it", async () => {
    await at("#/history?q=the", WIDE, async (page) => {
      await rows(page).first().waitFor();
      await page.locator("#find").focus();
      await page.keyboard.press("ArrowDown");
      await until(() => rows(page).first().evaluate((e) => e === document.activeElement), "the first row has the focus");
      await page.keyboard.press("Enter");
      await title(page).waitFor();
      const first = await title(page).innerText();
      await page.keyboard.press("ArrowDown");
      await until(async () => (await title(page).innerText().catch(() => first)) !== first, "another session");
      await page.keyboard.press("Escape");
      await until(() => rows(page).nth(1).evaluate((e) => e === document.activeElement), "the second row has the focus");
      await title(page).waitFor({ state: "detached" });
    });
  });

  it("are taken away as a file, and copied", async () => {
    const { key } = await ended();
    await at(`#/history/sessions/${encodeURIComponent(key)}`, WIDE, async (page) => {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      const [file] = await Promise.all([page.waitForEvent("download"), page.locator("#save").click()]);
      assert.match(file.suggestedFilename(), /^old-site-.*\.md$/);
      assert.match(await read(file), /Archive the old site/);
      await page.locator("#copy").click();
      await page.getByText("Copied", { exact: true }).waitFor();
      assert.match(await page.evaluate(() => navigator.clipboard.readText()), /Archive the old site/);
      const [json] = await Promise.all([page.waitForEvent("download"), page.locator("#json").click()]);
      JSON.parse(await read(json));
    });
  });

  it("that still run cannot be deleted", async () => {
    const { key } = await all.landing.session();
    await at(`#/history/sessions/${encodeURIComponent(key)}`, WIDE, async (page) => {
      await page.locator("#remove").click({ force: true });
      await thereAre(page.locator("dialog"), 0);
    });
  });

  it("that are over are deleted when one says so twice, their decisions stay", async () => {
    const before = (await world.get("/audit")).approvals.length;
    await at("#/history?project=old-site", WIDE, async (page) => {
      await row(page, "old-site").locator(".about").click();
      await page.locator("#remove").click();
      await page.locator("dialog[open]").waitFor();
      await page.keyboard.press("Escape");
      await until(() => page.locator("#remove").evaluate((e) => e === document.activeElement), "the focus came back");
      await page.locator("#remove").click();
      await page.locator("dialog").getByRole("button", { name: "Delete" }).click();
      await page.getByText("Nothing found").waitFor();
    });
    assert.equal((await world.get("/audit")).approvals.length, before);
    assert.equal((await world.get("/history/sessions?project=old-site")).sessions.length, 0);
  });

  /** One that has ended is not among those that run. */
  async function ended() {
    return (await world.get("/history/sessions?project=old-site")).sessions[0];
  }
});

describe("decisions of the past", () => {
  it("say what, whose and why, and lead to a rule", async () => {
    await at("#/history/audit?decision=denied", WIDE, async (page) => {
      await row(page, "npm run build").locator(".input").click();
      await page.getByText("Read the docs first.").waitFor();
      for (const words of ["Denied", "npm run build", "Claude was told"]) await page.locator("#drawer", { hasText: words }).waitFor();
      assert.match(await page.locator("#drawer a", { hasText: "Make a rule" }).getAttribute("href"), /^#\/settings\/rules\/new\?approval=[0-9a-f]+$/);
      await page.locator(".tallies", { hasText: "1 request" }).waitFor();
    });
  });

  it("that come meanwhile move no row until one asks for them", async () => {
    await at("#/history/audit?tool=Bash&decision=allowed", WIDE, async (page) => {
      await page.getByText("Nothing found").waitFor();
      const client = await asking(world, "more-docs", "npm run lint");
      await decide(client.request.approval, { decision: "allow" });
      await page.locator("#news").waitFor();
      await thereAre(rows(page), 0);
      await page.locator("#news").click();
      await row(page, "npm run lint").waitFor();
      await until(() => rows(page).first().evaluate((e) => e === document.activeElement), "the first row has the focus");
      await thereAre(page.locator("#news"), 0);
    });
  });

  it("are taken away as the filter shows them", async () => {
    await at("#/history/audit?decision=denied", WIDE, async (page) => {
      await row(page, "npm run build").waitFor();
      const [csv] = await Promise.all([page.waitForEvent("download"), page.locator("#csv").click()]);
      const text = await read(csv);
      assert.match(csv.suggestedFilename(), /^ccmon-audit-\d{4}-\d\d-\d\d\.csv$/);
      assert.equal(text.trim().split("\n").length, 2, text);
      const [json] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save as JSON" }).click()]);
      assert.match(await read(json), /Read the docs first/);
    });
  });

  it("have an address of their own", async () => {
    const { id } = all["docs-site"].request.approval;
    await at(`#/history/audit/${id}?decision=allowed`, WIDE, (page) => page.getByText("Read the docs first.").waitFor());
    await at("#/history/audit/nobody", WIDE, (page) => page.locator("#drawer [role=alert]").waitFor());
  });

  it("say what was answered, changed and remembered with them", async () => {
    const client = world.claude("night-shift");
    const question = await client.asks("PermissionRequest-AskUserQuestion");
    await decide(question.approval, { decision: "allow", updated_input: { ...question.approval.input, answers: { "Which colour do you like?": "Blue" } } });
    const rule = { name: "the loop", tool: "Bash", kind: "literal", pattern: "npm run build", action: "allow", lasts: "restart" };
    const build = await client.asks("PermissionRequest-Bash-npm");
    await decide(build.approval, { decision: "allow", updated_input: { command: "npm run build -- --fast" }, updated_permissions: build.approval.suggestions, rule });
    const shows = (id, parts) => at(`#/history/audit/${id}`, WIDE, async (page) => {
      for (const part of parts) await page.locator(".given", { hasText: part }).waitFor();
    });
    await shows(question.approval.id, ["Which colour do you like?", "Answered: Blue"]);
    await shows(build.approval.id, ["Edited: command", /removed\s*−\s*npm run build/, /added\s*\+\s*npm run build -- --fast/, "Any command beginning with npm run", ".claude/settings.local.json", "Rule made: the loop"]);
    await world.cli("rules", "rm", "the loop");
    client.end();
  });
});

describe("in little room", () => {
  it("a session has a page of its own, and back leads to its row", async () => {
    await at("#/history", NARROW, async (page) => {
      await row(page, "landing").locator(".about").click();
      await until(() => title(page).evaluate((e) => e === document.activeElement), "its title has the focus");
      assert.equal(await page.locator("#find").isVisible(), false);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      await page.getByRole("button", { name: "Back" }).click();
      await until(() => page.evaluate(() => document.activeElement?.closest("tr")?.textContent?.includes("landing")), "its row has the focus");
    });
  });

  for (const hash of ["#/history", "#/history/audit", "#/insight?days=1"]) {
    it(`${hash} is as wide as the page, in the dark too`, async () => {
      await at(hash, { ...NARROW, dark: true }, async (page) => {
        await page.waitForLoadState("networkidle");
        const out = await page.evaluate(() => ["html", ".tab", "#rows"].filter((part) => (document.querySelector(part)?.scrollWidth ?? 0) > innerWidth));
        assert.deepEqual(out, []);
      });
    });
  }
});

describe("insight", () => {
  it("counts what was decided, and by whom", async () => {
    await at("#/insight?days=1", WIDE, async (page) => {
      await page.locator(".chart-svg").first().waitFor();
      await page.locator(".figs", { hasText: /decisions?, 0 % by rules/ }).waitFor();
      await page.getByRole("button", { name: "90 days" }).click();
      await until(() => /days=90/.test(page.url()), "the range is in the address");
      await until(async () => /90 days/.test(await page.locator(".chart-svg").first().getAttribute("aria-label")), "the chart has ninety days");
    });
  });
});
