// What a session did, as the page tells it: turn by turn, with what its sub-agents did, growing while one reads.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { browser, thereAre, visit } from "./support/page.mjs";
import { begun } from "./support/stories.mjs";
import { World, until } from "./support/world.mjs";

const WIDE = { size: { width: 1280, height: 800 } };
const LOW = { size: { width: 1280, height: 480 } };

let chrome, world, story, long;

before(async () => {
  chrome = await browser();
  world = await World.open();
  [story, long] = await Promise.all([told(), endless()]);
});
after(async () => {
  await chrome?.close();
  await world?.close();
});

/** A turn with a sub-agent and a failure, and one that goes on. */
async function told() {
  const client = await begun(world, "story", "Measure it in a sub-agent.");
  await client.event("PreToolUse-Agent");
  await client.event("SubagentStart");
  await client.event("PreToolUse-Bash-subagent");
  await client.event("PostToolUse-Bash-subagent");
  await client.event("SubagentStop");
  await client.event("PostToolUse-Agent");
  await client.event("PreToolUse-Bash", { tool_use_id: "toolu_f", tool_input: { command: "ls /nonexistent-dir-xyz; exit 3", description: "Fail" } });
  await client.event("PostToolUseFailure-Bash", { tool_use_id: "toolu_f" });
  await client.event("Stop-text");
  const prompt_id = crypto.randomUUID();
  await client.event("UserPromptSubmit-typed", { prompt_id, prompt: "Now the second thing." });
  await client.event("PreToolUse-Bash", { prompt_id, tool_use_id: "toolu_g", tool_input: { command: "make second", description: "Second" } });
  return client;
}

/** More than 300 events. */
async function endless() {
  const client = await begun(world, "long", "Count to the end.");
  for (let n = 0; n < 160; n++) await counts(client, n);
  return client;
}

async function counts(client, n) {
  const call = { tool_use_id: `toolu_n${n}`, tool_input: { command: `echo number-${n}.`, description: "Count" } };
  await client.event("PreToolUse-Bash", call);
  await client.event("PostToolUse-Bash", call);
}

const turns = (page) => page.locator(".turns > .turn");
const address = async (client) => `#/sessions/${(await client.session()).key}`;
const at = async (client, use, how = WIDE) => visit(chrome, world, await address(client), how, use);
const part = (page, name) => page.locator(".story .seg").getByRole("button", { name }).click();
const pane = (page) => page.locator("#detail");

describe("a timeline", () => {
  it("is told by turns: prompts, tools and how long they took, and how it ended", async () => {
    await at(story, async (page, seen) => {
      const [first, second] = ["Measure it in a sub-agent.", "Now the second thing."].map((prompt) => turns(page).filter({ has: page.locator(".ev.me", { hasText: prompt }) }));
      assert.match(await first.locator(".ev.end").innerText(), /Done after \d/);
      assert.match(await first.locator(".ev.err").innerText(), /failed: Exit code 3/);
      assert.match(await first.locator(".ev.err > .d").innerText(), /^\d+(\.\d)? (ms|s)$/);
      await second.getByText("so far").waitFor();
      assert.match(await second.locator(".ev.end").innerText(), /Working for \d+:\d\d/);
      await seen();
    });
  });

  it("folds what a sub-agent did", async () => {
    await at(story, async (page, seen) => {
      const agent = page.getByRole("button", { name: /Sub-agent general-purpose.*1 call/ });
      await agent.waitFor();
      await thereAre(page.getByText("touch sub-file"), 0);
      await agent.click();
      const nested = page.locator(".nested").getByRole("button", { name: /Bash touch sub-file/ });
      await nested.waitFor();
      await nested.click();
      await page.locator(".nested .code", { hasText: "touch sub-file" }).waitFor();
      await seen();
      await agent.click();
      await nested.waitFor({ state: "detached" });
    });
  });

  it("shows the whole input of a tool", async () => {
    await at(story, async (page) => {
      const call = page.getByRole("button", { name: /Bash ls \/nonexistent/ });
      await call.click();
      const text = await page.locator(".ev.err .code").innerText();
      for (const words of ["command", "ls /nonexistent-dir-xyz; exit 3", "description", "Fail"]) assert.ok(text.includes(words), text);
      await page.keyboard.press("Enter");
      await page.locator(".ev.err .code").waitFor({ state: "detached" });
    });
  });

  it("is narrowed down to prompts, or to tools", async () => {
    await at(story, async (page, seen) => {
      await page.locator(".turns .done").first().waitFor();
      await part(page, "Prompts");
      await until(async () => (await page.locator(".turns .done").count()) === 0, "no tools");
      await thereAre(page.locator(".ev.me"), 2);
      await seen();
      await part(page, "Tools");
      await page.locator(".turns .done").first().waitFor();
      await thereAre(page.locator(".ev.me, .ev.said"), 0);
      await part(page, "All");
      await page.locator(".ev.me").first().waitFor();
      await page.locator(".ev.end").first().waitFor();
    });
  });

  it("grows while one reads, and what one reads stays where it is", async () => {
    await at(long, async (page) => {
      const last = page.locator("code", { hasText: "number-159." });
      await last.waitFor();
      // It comes by itself, above what is read.
      await page.getByText("Summaries are off.").waitFor();
      await pane(page).evaluate((e) => (e.scrollTop = 300));
      await until(async () => (await pane(page).evaluate((e) => e.scrollTop)) === 300, "it is scrolled");
      await counts(long, 160);
      await page.locator("code", { hasText: "number-160." }).waitFor();
      assert.equal(await pane(page).evaluate((e) => e.scrollTop), 300);
      await page.getByRole("button", { name: "Newest" }).click();
      await atEnd(page);
      await counts(long, 161);
      await page.locator("code", { hasText: "number-161." }).waitFor();
      await atEnd(page);
    }, LOW);
  });

  it("of a long session is read from its end, earlier things when asked", async () => {
    await at(long, async (page, seen) => {
      await page.locator("code", { hasText: "number-159." }).waitFor();
      await thereAre(page.locator("code", { hasText: "number-3." }), 0);
      await page.locator(".earlier").scrollIntoViewIfNeeded();
      const anchor = page.locator("code", { hasText: "number-140." });
      const before = await anchor.evaluate((e) => e.getBoundingClientRect().top);
      await page.locator(".earlier").click();
      await page.locator("code", { hasText: "number-100." }).waitFor({ state: "attached" });
      await until(async () => Math.abs((await anchor.evaluate((e) => e.getBoundingClientRect().top)) - before) < 2, "what was read stays");
      await seen();
      await page.getByText("Count to the end.").nth(1).waitFor({ state: "attached" });
      await thereAre(page.locator(".earlier"), 0);
      for (const n of [0, 40, 90, 159]) await thereAre(page.locator("code", { hasText: `number-${n}.` }), 1);
    });
  });

  function atEnd(page) {
    return until(() => pane(page).evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight < 12), "it is at its end");
  }
});
