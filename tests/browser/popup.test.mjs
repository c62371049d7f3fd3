// The popup's page between requests of every kind: what is half done stays, what is decided goes, and nothing that was meant for one reaches another.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { printed, waits, withBrowser } from "./support/deciding.mjs";
import { focused, thereAre } from "./support/page.mjs";
import { asking, begun, planning, question } from "./support/stories.mjs";

withBrowser();

const COLOUR = "Which colour do you like?";

/** One of every kind that is decided here, oldest first. */
async function mixed(world) {
  const first = await asking(world, "docs-site", "npm run build");
  const second = await question(world);
  const third = await planning(world);
  const fourth = await begun(world, "notes", "Note it.");
  fourth.request = await fourth.asks("PermissionRequest-Edit");
  const fifth = await asking(world, "shop", "sudo rm -rf /srv");
  return [first, second, third, fourth, fifth];
}

describe("five requests", () => {
  it("are gone through with the arrows, and each is armed anew", async (t) => {
    const d = await waits(t, "popup", mixed);
    await d.ready("npm run build");
    await d.count("1 of 5");
    for (const [words, at] of [[COLOUR, 2], ["Do another thing", 3], ["goodbye", 4], ["sudo", 5]]) {
      await d.keys("ArrowRight");
      await d.count(`${at} of 5`);
      await d.ready(words);
      await d.clean();
    }
    await d.keys("ArrowRight", "ArrowLeft");
    await d.count("4 of 5");
    assert.equal(await d.pending(), 5);
  });

  it("keep what is half done while one pages, each its own", async (t) => {
    const d = await waits(t, "popup", mixed);
    await d.ready("npm run build");
    await d.keys("d");
    await focused(d.page, "#message");
    await d.type("Use pnpm");
    await d.button("Next request").click();
    await d.ready(COLOUR);
    await d.keys("2");
    await d.button("Next request").click();
    await d.ready("Do another thing");
    await d.keys("e");
    await d.page.locator("#plan-text").fill("# Mine");
    for (const at of [2, 1]) {
      await d.button("Previous request").click();
      await d.count(`${at} of 5`);
    }
    await d.ready("npm run build");
    await d.keys("d");
    assert.equal(await d.page.locator("#message").inputValue(), "Use pnpm");
    await d.keys("Enter");
    assert.deepEqual(await printed(d.clients[0]), { behavior: "deny", message: "Use pnpm" });
    await d.ready(COLOUR);
    assert.ok(await d.option("Blue").isChecked());
    await d.keys("Enter");
    assert.deepEqual((await printed(d.clients[1])).updatedInput.answers, { [COLOUR]: "Blue" });
    await d.armed.waitFor();
    assert.equal(await d.page.locator("#plan-text").inputValue(), "# Mine");
    assert.equal(await d.pending(), 3);
  });

  it("are never answered by keys that were meant for the one before", async (t) => {
    const d = await waits(t, "popup", async (world) => [await question(world), await question(world, "second"), await asking(world)]);
    await d.ready(COLOUR);
    await d.keys("1");
    // Held down, and once more: neither reaches what follows.
    await d.page.keyboard.down("Enter");
    for (let n = 0; n < 5; n += 1) await d.page.keyboard.down("Enter");
    await d.count("1 of 2");
    for (let n = 0; n < 5; n += 1) await d.page.keyboard.down("Enter");
    await d.page.keyboard.up("Enter");
    await d.ready(COLOUR);
    await thereAre(d.root.locator(":checked"), 0);
    assert.equal(await d.pending(), 2);
  });

  it("lead to the dashboard and to the terminal by word to the host", async (t) => {
    const d = await waits(t, "popup", mixed);
    await d.ready("npm run build");
    await d.page.evaluate(() => addEventListener("tell", (e) => (document.body.dataset.told = JSON.stringify(/** @type {any} */ (e).detail))));
    await d.button("Open in the dashboard").click();
    assert.deepEqual(await told(d), { type: "dashboard", id: d.clients[0].request.approval.id });
    await d.keys("j");
    assert.equal((await told(d)).type, "jump");
  });

  const told = async (d) => JSON.parse(await d.page.evaluate(() => document.body.dataset.told));
});

describe("what comes between", () => {
  it("an answer elsewhere closes what was half done, and the next is shown", async (t) => {
    const d = await waits(t, "popup", async (world) => [await question(world), await asking(world)]);
    await d.ready(COLOUR);
    await d.keys("3");
    await d.type("Gre");
    await d.world.cli("deny", d.clients[0].request.approval.id);
    await d.root.getByText("Denied from the command line").waitFor();
    await d.root.getByText("Nothing was sent from here.").waitFor();
    await d.ready("npm run build");
    assert.equal(await d.pending(), 1);
  });

  it("a daemon that is lost and comes back finds what was half done", async (t) => {
    const d = await waits(t, "popup", async (world) => [await question(world)]);
    await d.ready(COLOUR);
    await d.keys("3");
    await d.type("Green");
    const port = Number(new URL(d.page.url()).port);
    await d.world.kill();
    await d.page.getByRole("heading", { name: "ccmon is not answering" }).waitFor();
    await d.clean();
    await d.world.start(port);
    await d.ready(COLOUR);
    assert.equal(await d.page.locator("#own").inputValue(), "Green");
    await d.page.locator("#own").focus();
    await d.keys("Enter");
    assert.deepEqual((await printed(d.clients[0])).updatedInput.answers, { [COLOUR]: "Green" });
  });

  it("what belongs to a request is waited for: nothing is decided before it is there", async (t) => {
    const d = await waits(t, "popup");
    // However long this takes: the page would go on without it after a while.
    await d.page.evaluate(() => (AbortSignal.timeout = () => new AbortController().signal));
    let answer = () => {};
    await d.page.route("**/card", (route) => new Promise((go) => (answer = go)).then(() => route.continue()));
    const client = await asking(d.world);
    await d.page.locator("#input", { hasText: "npm run build" }).waitFor();
    await d.keys("a");
    assert.equal(await d.root.getAttribute("data-arming"), "wait");
    answer();
    await d.ready("npm run build");
    await d.keys("a");
    assert.deepEqual(await printed(client), { behavior: "allow" });
  });

  it("what will not come holds nothing up", async (t) => {
    const d = await waits(t, "popup");
    await d.page.route("**/card", (route) => route.fulfill({ status: 500, body: "{}" }));
    const client = await asking(d.world);
    await d.ready("npm run build");
    await d.keys("a");
    assert.deepEqual(await printed(client), { behavior: "allow" });
  });

  it("a file of more text than a page holds is approved once its last line was on the screen", async (t) => {
    const d = await waits(t, "popup");
    const client = await begun(d.world, "notes", "Write it.");
    const content = Array.from({ length: 3_000 }, (_, n) => `${n} ${"word ".repeat(9)}\n`).join("");
    client.request = await client.asks("PermissionRequest-Write", { tool_input: { file_path: `${client.common.cwd}/src/long.txt`, content } });
    await d.ready("399 word");
    await d.page.locator("#path .dim", { hasText: /^\s*src\/\s*$/ }).waitFor();
    for (const left of ["2,600", "600"]) {
      await d.page.locator("#ask").evaluate((ask) => ask.scrollTo(0, ask.scrollHeight));
      await d.keys("a");
      // The number of the first holds that of the second.
      await d.root.getByRole("button", { name: `${left} more lines`, exact: true }).click();
    }
    await d.page.locator("#input", { hasText: "2999 word" }).waitFor();
    await d.page.locator("#ask").evaluate((ask) => ask.scrollTo(0, ask.scrollHeight));
    await d.page.locator('[data-act="allow"][aria-disabled="false"]').waitFor();
    assert.equal(await d.pending(), 1);
    await d.keys("a");
    assert.deepEqual(await printed(client), { behavior: "allow" });
  });
});

describe("what is said to the window around it", () => {
  it("that nothing is left names all it knows of, so that what came meanwhile is not put away", async (t) => {
    const d = await waits(t, "popup", async (world) => [await asking(world)]);
    await d.ready("npm run build");
    const [{ id }] = (await d.world.get("/approvals")).approvals;
    const empty = d.page.evaluate(() => new Promise((heard) => addEventListener("tell", (e) => e.detail.type === "empty" && heard(e.detail))));
    await d.button("Later").click();
    assert.deepEqual(await empty, { type: "empty", known: [id] });
  });
});
