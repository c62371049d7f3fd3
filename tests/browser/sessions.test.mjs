// The sessions that run: found, looked at, marked, decided, given away and deleted, by pointer and keys.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, describe, it } from "node:test";
import { browser, focused, thereAre, visit } from "./support/page.mjs";
import { asking, ended, fleet, question } from "./support/stories.mjs";
import { World, until } from "./support/world.mjs";

const WIDE = { size: { width: 1280, height: 800 } };
const NARROW = { size: { width: 400, height: 740 } };

/** A client that sums up what it reads, or says why not. */
const SUMS = `#!/bin/sh
[ "$1" = --version ] && { echo '99.0.0 (Claude Code)'; exit; }
cat > /dev/null
while [ -e "$HOME/hold" ]; do sleep 0.05; done
cat "$HOME/answer"
`;

let chrome, world, all;

before(async () => {
  [chrome, world] = await Promise.all([browser(), World.open({ config: "[summaries]\non = true\n", claude: SUMS })]);
  all = await fleet(world);
});
after(async () => {
  await chrome?.close();
  await world?.close();
});

const at = (hash, how, use) => visit(chrome, world, hash, how, use);
const list = (page) => page.getByRole("listbox", { name: "Sessions by need" });
const rows = (page) => list(page).getByRole("option");
const row = (page, project) => list(page).getByRole("option").filter({ has: page.locator(".name", { hasText: new RegExp(`^${project}$`) }) });
const group = (page, name) => list(page).getByRole("group", { name });
const detail = (page) => page.locator("#detail");
const name = (page) => page.locator("#session-name");
const toast = (page, words) => page.locator(".toast", { hasText: words });
const address = async (client) => `#/sessions/${(await client.session()).key}`;

/** One choice of the session's own menu. */
async function choose(page, label) {
  await detail(page).locator("summary[aria-label=More]").click();
  await detail(page).locator(".menu-list").getByRole("button", { name: label }).click();
}

async function filter(page, label) {
  await page.locator(".tools summary").click();
  await page.locator(".tools .menu-list").getByRole("button", { name: label }).click();
}

describe("the list", () => {
  it("is in groups of need, and leads to each session", async () => {
    await at("#/sessions", WIDE, async (page, seen) => {
      await group(page, "Needs you, 5").waitFor();
      for (const project of ["docs-site", "tokens", "checkout-api", "mailer", "landing"]) await group(page, /^Needs you/).locator(".name", { hasText: project }).waitFor();
      await group(page, "Working, 1").getByText("importer").waitFor();
      await group(page, "Idle, 1").getByText("scraper").waitFor();
      await thereAre(rows(page), 7);
      for (const project of ["tokens", "importer", "mailer"]) {
        await row(page, project).click();
        await name(page).filter({ hasText: project }).waitFor();
        assert.match(page.url(), new RegExp(`#/sessions/${(await all[project].session()).key}$`));
        assert.equal(await row(page, project).getAttribute("aria-selected"), "true");
        await seen();
      }
    });
  });

  it("is gone through with the keys", async () => {
    await at("#/sessions", WIDE, async (page) => {
      await rows(page).first().waitFor();
      await list(page).focus();
      const first = await name(page).innerText();
      await page.keyboard.press("ArrowDown");
      await until(async () => (await name(page).innerText()) !== first, "another session");
      await page.keyboard.press("ArrowUp");
      await name(page).filter({ hasText: first }).waitFor();
      await page.keyboard.press("Enter");
      await focused(page, "#session-name");
    });
  });

  it("is narrowed down by what is written, and the address says so", async () => {
    await at("#/sessions", WIDE, async (page, seen) => {
      await rows(page).first().waitFor();
      await page.keyboard.press("/");
      await focused(page, "#find");
      await page.keyboard.type("land");
      await until(async () => (await rows(page).count()) === 1, "one session");
      await row(page, "landing").waitFor();
      assert.match(page.url(), /\?q=land$/);
      await seen();
      await page.keyboard.type("xyz");
      await page.getByText("No session matches “landxyz”.").waitFor();
      await seen();
      await page.keyboard.press("Escape");
      await until(async () => (await rows(page).count()) === 7, "all of them");
      assert.doesNotMatch(page.url(), /q=/);
    });
    await at("#/sessions?q=scrap", WIDE, async (page) => {
      await row(page, "scraper").waitFor();
      assert.equal(await page.locator("#find").inputValue(), "scrap");
    });
  });

  it("shows those that ended when asked", async () => {
    await at("#/sessions", WIDE, async (page, seen) => {
      await rows(page).first().waitFor();
      await thereAre(row(page, "old-site"), 0);
      await filter(page, "Show ended sessions");
      await group(page, /^Ended/).getByText("old-site").click();
      await detail(page).getByText("Archive the old site").first().waitFor();
      await detail(page).locator(".pill", { hasText: "Ended" }).waitFor();
      await thereAre(detail(page).getByRole("button", { name: "Jump" }), 0);
      assert.match(page.url(), /ended=1/);
      await seen();
      await filter(page, "Show ended sessions");
      await row(page, "old-site").waitFor({ state: "detached" });
    });
  });

  it("counts what waits and leads there", async () => {
    await at("#/sessions", WIDE, async (page) => {
      await page.locator(".needs").getByRole("link", { name: "3 requests" }).click();
      await page.getByRole("listbox", { name: "Waiting requests" }).waitFor();
    });
  });
});

describe("one session", () => {
  it("says why it is in its state, and what is known of it", async () => {
    await at(await address(all["docs-site"]), WIDE, async (page) => {
      await detail(page).getByText("Why this state:").waitFor();
      const { evidence, pid, session_id: id } = await all["docs-site"].session();
      await detail(page).getByText(evidence.text, { exact: true }).first().waitFor();
      const facts = detail(page).locator(".facts");
      await facts.getByText("1 ", { exact: false }).first().waitFor();
      for (const words of [/Folder\s+.*docs-site/, /Model\s+\S/, /Started\s+\S/, /Approvals\s+\d/, new RegExp(`${pid} · ${id.slice(0, 8)}`)]) {
        await until(async () => words.test(await facts.innerText()), async () => `${words} in ${await facts.innerText()}`);
      }
    });
  });

  it("is pinned, and comes first", async () => {
    await at(await address(all.scraper), WIDE, async (page) => {
      const pin = detail(page).getByRole("button", { name: "Pin" });
      await pin.click();
      await detail(page).locator("[aria-label=Pin][aria-pressed=true]").waitFor();
      await row(page, "scraper").getByText("pinned").waitFor();
      await page.keyboard.press("p");
      await detail(page).locator("[aria-label=Pin][aria-pressed=false]").waitFor();
    });
    assert.equal((await all.scraper.session()).pinned, false);
  });

  it("is tagged, the tag is changed and taken away", async () => {
    await at(await address(all.scraper), WIDE, async (page, seen) => {
      await choose(page, "Tag…");
      await focused(page, "#tag");
      await page.keyboard.type("nightly");
      await seen();
      await page.keyboard.press("Enter");
      await row(page, "scraper").getByText("nightly").waitFor();
      await detail(page).getByRole("button", { name: "nightly" }).click();
      await focused(page, "#tag");
      await page.keyboard.type("weekly");
      await page.keyboard.press("Escape");
      await focused(page, "#session-name");
      assert.equal((await all.scraper.session()).tag, "nightly");
      await choose(page, "Change the tag…");
      await page.locator("#tag").fill("");
      await page.keyboard.press("Enter");
      await row(page, "scraper").getByText("nightly").waitFor({ state: "detached" });
    });
    assert.equal((await all.scraper.session()).tag, null);
  });

  it("is hidden until it is asked for, and the press is taken back", async () => {
    await at(await address(all.importer), WIDE, async (page, seen) => {
      await name(page).filter({ hasText: "importer" }).waitFor();
      await page.keyboard.press("x");
      await toast(page, "Hidden until it needs you again").waitFor();
      await row(page, "importer").waitFor({ state: "detached" });
      await page.getByRole("button", { name: "1 hidden" }).click();
      await row(page, "importer").waitFor();
      assert.match(page.url(), /dismissed=1/);
      // It is offered for a while only.
      await toast(page, "Hidden until").getByRole("button", { name: "Undo" }).click();
      await until(async () => !(await all.importer.session()).dismissed, "it is shown again");
      await seen();
      await filter(page, /Show hidden sessions/);
      await row(page, "importer").waitFor();
      await choose(page, "Hide until it needs you");
      await row(page, "importer").waitFor({ state: "detached" });
      await choose(page, "Show in the list again");
      await row(page, "importer").waitFor();
    });
  });

  it("is marked as seen", async () => {
    await at(await address(all.landing), WIDE, async (page) => {
      await choose(page, "Mark seen");
      await group(page, "Idle, 2").getByText("landing").waitFor();
      await detail(page).locator("summary[aria-label=More]").click();
      await thereAre(detail(page).getByRole("button", { name: "Mark seen" }), 0);
    });
  });

  it("that sits in no terminal is not jumped to, and the page says why", async () => {
    const { key } = await all.mailer.session();
    const { status, body } = await world.ask("POST", `/sessions/${key}/jump`, {});
    assert.equal(status, 409);
    await at(`#/sessions/${key}`, WIDE, async (page) => {
      await detail(page).getByRole("button", { name: "Jump" }).click();
      await toast(page, body.detail).waitFor();
    });
  });

  it("that nobody knows is told", async () => {
    await at("#/sessions/nobody", WIDE, (page) => page.getByText("No such session").waitFor());
  });

  it("is decided where it stands", async () => {
    const client = await asking(world, "shop", "npm test");
    await at(await address(client), WIDE, async (page, seen) => {
      await page.locator("[data-decides][data-arming=done]").waitFor();
      await seen();
      await page.getByRole("button", { name: "Approve" }).click();
      assert.match(await client.request.done, /"behavior":"allow"/);
      await page.locator("[data-decides]").waitFor({ state: "detached" });
      await detail(page).getByText("approved by you").first().waitFor();
    });
    client.end();
  });

  it("has its requests one after the other", async () => {
    const client = await question(world, "pair");
    const second = await client.asks("PermissionRequest-Bash-npm", { tool_input: { command: "make pair" } });
    await at(await address(client), WIDE, async (page) => {
      await detail(page).getByText("1 of 2").waitFor();
      await detail(page).getByRole("button", { name: "Next request" }).click();
      await detail(page).locator("#input", { hasText: "make pair" }).waitFor();
      await page.locator("[data-decides][data-arming=done]").waitFor();
      await page.keyboard.press("d");
      await focused(page, "#message");
      await page.keyboard.type("Not here.");
      await page.keyboard.press("Enter");
      assert.match(await second.done, /"behavior":"deny","message":"Not here."/);
      await detail(page).getByText("Which colour do you like?").first().waitFor();
    });
    client.end();
  });
});

describe("a summary", () => {
  const card = (page) => page.locator(".summary");
  const answer = (text) => fs.writeFileSync(world.at("home/answer"), JSON.stringify(text));

  it("is asked for, fails with its reason, and is written", async () => {
    fs.writeFileSync(world.at("home/hold"), "");
    answer({ type: "result", is_error: true, result: "Not logged in · Please run /login" });
    await at(await address(all.landing), WIDE, async (page, seen) => {
      await card(page).getByText("Not written yet.").waitFor();
      await seen();
      await card(page).getByRole("button", { name: "Write one" }).click();
      await card(page).getByText("Claude is reading…").waitFor();
      await seen();
      fs.rmSync(world.at("home/hold"));
      await card(page).getByText("Not logged in").waitFor();
      await seen();
      answer({ type: "result", is_error: false, result: "The hero is smaller.", total_cost_usd: 0.25, modelUsage: { "claude-haiku-5-5": {} } });
      await until(async () => {
        await card(page).getByRole("button", { name: /Try again|Write anew/ }).click();
        return (await card(page).innerText()).includes("The hero is smaller.");
      }, "the summary is there");
      await card(page).filter({ hasText: /claude-haiku-5-5 · \$0\.250/ }).waitFor();
      await card(page).getByRole("button", { name: "Write anew" }).waitFor();
    });
  });

  it("is turned off, and the page leads to where it is turned on", async () => {
    await world.ask("PATCH", "/settings", { "summaries.on": false });
    await at(await address(all.scraper), WIDE, async (page) => {
      await page.getByRole("link", { name: "Turn them on in Settings" }).waitFor();
    });
    await at(await address(all.landing), WIDE, async (page) => {
      await card(page).getByText("The hero is smaller.").waitFor();
      await thereAre(card(page).getByRole("button"), 0);
    });
    await world.ask("PATCH", "/settings", { "summaries.on": true });
  });
});

describe("given away", () => {
  it("as files and by the clipboard", async () => {
    await at(await address(all["docs-site"]), WIDE, async (page) => {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      const markdown = await saved(page, "Export as Markdown");
      assert.match(markdown.name, /^docs-site-\d{4}-\d\d-\d\d-[0-9a-f]{8}\.md$/);
      assert.match(markdown.text, /^# Build the docs and publish them/);
      for (const words of ["git status", "npm run build", "- Project:"]) assert.ok(markdown.text.includes(words), markdown.text);
      const json = await saved(page, "Export as JSON");
      assert.match(json.name, /\.json$/);
      assert.match(JSON.stringify(JSON.parse(json.text)), /git status/);
      await choose(page, "Copy as Markdown");
      await toast(page, "Copied").waitFor();
      assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^# Build the docs and publish them/);
      await choose(page, "Copy the session id");
      await until(async () => (await page.evaluate(() => navigator.clipboard.readText())) === all["docs-site"].common.session_id, "the id is copied");
    });
  });

  async function saved(page, label) {
    const [file] = await Promise.all([page.waitForEvent("download"), choose(page, label)]);
    return { name: file.suggestedFilename(), text: fs.readFileSync(await file.path(), "utf8") };
  }
});

it("one that ended is deleted when one says so, what was decided of it stays", async () => {
  const client = await asking(world, "closed-shop", "npm run shut");
  const { key } = await client.session();
  const { approval } = client.request;
  assert.equal((await world.ask("POST", `/approvals/${approval.id}/decision`, { shown: approval.shown, decision: "deny" })).status, 200);
  await ended(client);
  await at(`#/sessions/${key}?ended=1`, WIDE, async (page, seen) => {
    await row(page, "closed-shop").waitFor();
    await choose(page, "Delete…");
    await page.getByRole("dialog", { name: "Delete this session?" }).waitFor();
    await seen();
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    await choose(page, "Delete…");
    await page.locator("dialog").getByRole("button", { name: "Delete" }).click();
    await toast(page, "Deleted").waitFor();
    await row(page, "closed-shop").waitFor({ state: "detached" });
    await page.waitForURL((url) => !url.href.includes(key));
  });
  assert.equal((await world.ask("GET", `/sessions/${key}`)).status, 404);
  assert.equal((await world.get(`/audit?session=${key}`)).approvals.length, 1);
});

describe("where there is little room", () => {
  it("a session has a page of its own, and back leads to the list", async () => {
    await at("#/sessions", NARROW, async (page, seen) => {
      await rows(page).first().waitFor();
      assert.equal(await detail(page).isVisible(), false);
      await seen();
      await row(page, "importer").click();
      await name(page).filter({ hasText: "importer" }).waitFor();
      assert.equal(await list(page).isVisible(), false);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      await focused(page, "#to-list");
      await seen();
      await page.locator("#to-list").click();
      await row(page, "importer").waitFor();
      await focused(page, "#sessions");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await name(page).waitFor();
      await page.keyboard.press("Escape");
      await rows(page).first().waitFor();
    });
  });
});

it("nothing runs: the page says how to begin", async () => {
  const empty = await World.open();
  try {
    await visit(chrome, empty, "#/sessions", WIDE, async (page, seen) => {
      await page.getByText("All clear").waitFor();
      await seen();
      await asking(empty, "first");
      await row(page, "first").waitFor();
    });
  } finally {
    await empty.close();
  }
});
