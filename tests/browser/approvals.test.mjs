// Deciding: what waits and in which order, every control of a request and what the hook then printed, and whatever comes between.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { browser, clean, focused, open, thereAre } from "./support/page.mjs";
import { asking } from "./support/stories.mjs";
import { PATIENCE, World, until } from "./support/world.mjs";

let chrome;
before(async () => (chrome = await browser()));
after(() => chrome?.close());

/** A daemon of its own, with the queue open; nothing else waits there. */
async function queued(t, tell = async () => [], { size, hash = "#/approvals" } = {}) {
  const world = await World.open();
  t.after(() => world.close());
  const clients = await tell(world);
  const seen = await open(chrome, world, hash, { size });
  t.after(() => seen.context.close());
  return { world, clients, ...seen };
}

/** Requests of sessions, one after the other. */
async function inTurn(world, ...commands) {
  const clients = [];
  for (const command of commands) clients.push(await asking(world, `${command.split(" ").pop()}-shop`, command));
  return clients;
}

const waiting = (page) => page.getByRole("listbox", { name: "Waiting requests" }).getByRole("option");
const recent = (page) => page.getByRole("region", { name: "Decided" });
const input = (page, words) => page.locator("#input", { hasText: words });
const button = (page, name) => page.locator("[data-decides]").getByRole("button", { name });

/** Waits until this request is the one that a press would decide. */
async function ready(page, words) {
  await input(page, words).waitFor();
  await page.locator("[data-decides][data-arming=done]").filter({ has: page.locator("#input", { hasText: words }) }).waitFor();
}

/** What the hook told its client. */
async function printed(client) {
  const late = new Promise((_, fail) => setTimeout(() => fail(new Error("the hook was told nothing")), PATIENCE).unref());
  const out = await Promise.race([client.request.done, late]);
  return out && JSON.parse(out).hookSpecificOutput.decision;
}

async function seenClean({ page, faults }) {
  await clean(page, faults);
}

describe("the queue", () => {
  it("is in the order of asking, and is gone through with the keys", async (t) => {
    const all = await queued(t, (world) => inTurn(world, "make one", "make two", "make three"));
    const { page } = all;
    await until(async () => (await waiting(page).count()) === 3, "three requests");
    assert.deepEqual(await waiting(page).locator(".name").allInnerTexts(), ["one-shop", "two-shop", "three-shop"]);
    await page.getByText("3, oldest first").waitFor();
    await ready(page, "make one");
    await seenClean(all);
    for (const [key, words] of [["ArrowDown", "make two"], ["ArrowDown", "make three"], ["ArrowDown", "make three"], ["ArrowUp", "make two"]]) {
      await page.keyboard.press(key);
      await input(page, words).waitFor();
    }
    await waiting(page).first().click();
    await ready(page, "make one");
    assert.match(await page.title(), /^\(3\) Approvals/);
  });

  it("goes on to what follows, and then says that nothing waits", async (t) => {
    const all = await queued(t, (world) => inTurn(world, "make one", "make two", "make three"));
    const { page, clients } = all;
    await ready(page, "make one");
    await page.keyboard.press("ArrowDown");
    for (const [client, words] of [[clients[1], "make two"], [clients[2], "make three"], [clients[0], "make one"]]) {
      await ready(page, words);
      await page.keyboard.press("a");
      assert.deepEqual(await printed(client), { behavior: "allow" });
    }
    await page.getByText("Nothing waits").waitFor();
    await until(async () => (await recent(page).getByText("Approved").count()) === 3, "three decisions");
    await recent(page).getByText("today 3").waitFor();
    await seenClean(all);
    await recent(page).getByText("make one").click();
    await page.locator("#drawer").getByText("make one").first().waitFor();
  });

  it("counts what was decided while it was told how many were", async (t) => {
    const { page, clients, world } = await queued(t, (world) => inTurn(world, "make one"), { hash: "#/sessions" });
    let [read, tell] = [false, () => {}];
    const decided = new Promise((go) => (tell = go));
    await page.route("**/audit/counts?*", async (route) => {
      const response = await route.fetch();
      read = true;
      await decided;
      await route.fulfill({ response });
    }, { times: 1 });
    await page.goto(new URL("/#/approvals", page.url()).href);
    await until(() => read, "it is asked");
    await world.cli("deny", clients[0].request.approval.id);
    await recent(page).getByText("Denied").waitFor();
    tell();
    await recent(page).getByText("today 1").waitFor();
  });

  it("takes a new request in without moving what is read", async (t) => {
    const { page, world } = await queued(t, (world) => inTurn(world, "make one"));
    await ready(page, "make one");
    await asking(world, "later", "make later");
    await until(async () => (await waiting(page).count()) === 2, "two requests");
    await ready(page, "make one");
  });

  it("leads from an address to its request, or tells what became of it", async (t) => {
    const { page, clients, world } = await queued(t, (world) => inTurn(world, "make one", "make two"));
    await ready(page, "make one");
    const { approval } = clients[1].request;
    await page.goto(new URL(`/#/approvals/${approval.id}`, page.url()).href);
    await ready(page, "make two");
    await world.cli("deny", approval.id);
    await ready(page, "make one");
    await page.goto(new URL("/#/approvals", page.url()).href);
    await page.goto(new URL(`/#/approvals/${approval.id}`, page.url()).href);
    await page.locator(".toast", { hasText: "Denied from the command line" }).waitFor();
  });

  it("has one pane at a time where there is little room", async (t) => {
    const all = await queued(t, (world) => inTurn(world, "make one", "make two"), { size: { width: 400, height: 740 } });
    const { page, clients } = all;
    await waiting(page).nth(1).click();
    await ready(page, "make two");
    assert.equal(await waiting(page).first().isVisible(), false);
    await seenClean(all);
    await button(page, "Approve").click();
    assert.deepEqual(await printed(clients[1]), { behavior: "allow" });
    await page.locator("#to-list").click();
    await waiting(page).first().waitFor();
    await seenClean(all);
  });
});

describe("a request", () => {
  it("is denied with a message, which one may take back", async (t) => {
    const all = await queued(t, (world) => inTurn(world, "make one"));
    const { page, clients } = all;
    await ready(page, "make one");
    await button(page, "Deny…").click();
    await focused(page, "#message");
    await page.keyboard.type("Use ninja and");
    await seenClean(all);
    await page.keyboard.press("Escape");
    await page.locator("#message").waitFor({ state: "detached" });
    await page.keyboard.press("d");
    await focused(page, "#message");
    assert.equal(await page.locator("#message").inputValue(), "Use ninja and");
    await page.locator("#message").fill("Use ninja.");
    await button(page, /^Deny ?Enter/).click();
    assert.deepEqual(await printed(clients[0]), { behavior: "deny", message: "Use ninja." });
    await recent(page).getByText("by you: Use ninja.").waitFor();
  });

  it("is denied, and Claude stopped", async (t) => {
    const { page, clients } = await queued(t, (world) => inTurn(world, "make one"));
    await ready(page, "make one");
    await button(page, "Deny & stop").click();
    const { behavior, interrupt } = await printed(clients[0]);
    assert.deepEqual([behavior, interrupt], ["deny", true]);
  });

  it("is left to its terminal: the hook says nothing", async (t) => {
    const { page, clients } = await queued(t, (world) => inTurn(world, "make one", "make two"));
    await ready(page, "make one");
    await button(page, "Decide in terminal").click();
    assert.equal(await printed(clients[0]), "");
    await ready(page, "make two");
    await page.keyboard.press("t");
    assert.equal(await printed(clients[1]), "");
    await until(async () => (await recent(page).getByText("left to the terminal by you").count()) === 2, "both are told");
  });

  it("of high risk says why, and a single A does not allow it", async (t) => {
    const all = await queued(t, (world) => inTurn(world, "sudo rm -rf /srv"));
    const { page, clients } = all;
    await ready(page, "sudo");
    await page.locator("[data-decides]").getByText("High risk", { exact: true }).waitFor();
    await page.getByRole("list", { name: "Why" }).getByRole("listitem").first().waitFor();
    await seenClean(all);
    await page.keyboard.press("a");
    await focused(page, "[data-act=allow]");
    assert.equal((await all.world.get("/approvals")).approvals.length, 1);
    await page.keyboard.press("Enter");
    assert.equal((await all.world.get("/approvals")).approvals.length, 1);
    await page.keyboard.press("a");
    assert.deepEqual(await printed(clients[0]), { behavior: "allow" });
  });

  it("says what came before it, and leads to its session and to a rule", async (t) => {
    const { page, clients } = await queued(t, (world) => inTurn(world, "make one"));
    await ready(page, "make one");
    await page.getByText("Before this").waitFor();
    await page.locator(".focus").getByText("git status").waitFor();
    assert.equal(await page.getByRole("link", { name: "Write a rule…" }).getAttribute("href"), `#/settings/rules/new?approval=${clients[0].request.approval.id}`);
    const said = await all409(clients[0]);
    await page.keyboard.press("j");
    await page.locator(".toast", { hasText: said }).waitFor();
    await page.locator(".focus").getByRole("link", { name: "one-shop" }).click();
    await page.locator("#session-name", { hasText: "one-shop" }).waitFor();
  });

  /** Why nobody can jump to a session that sits in no terminal. */
  async function all409(client) {
    const { key } = await client.session();
    return (await client.world.ask("POST", `/sessions/${key}/jump`, {})).body.detail;
  }
});

describe("by the clock", () => {
  /** The page's time stands still from now on, but for what it is told to run. */
  async function stopped(page) {
    await page.clock.install();
    await page.reload();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.clock.pauseAt(Date.now() + 5_000);
  }

  /** Lets frame after frame pass until something is so. */
  const passes = (page, look, what) => until(async () => (await look()) || (await page.clock.runFor(20), false), what);
  const arming = (page) => page.evaluate(() => document.querySelector("[data-decides]")?.getAttribute("data-arming"));

  it("what came up less than 400 ms ago is not decided by a press that was meant for something else", async (t) => {
    const { page, world } = await queued(t);
    await page.getByText("Nothing waits").waitFor();
    await stopped(page);
    const sent = [];
    page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
    const [client] = await inTurn(world, "make one");
    await passes(page, async () => (await arming(page)) === "runs", "the request is on the screen");
    const press = async () => {
      for (const key of ["a", "t"]) await page.keyboard.press(key);
      await button(page, "Approve").dispatchEvent("click", { detail: 1 });
      await button(page, "Deny & stop").dispatchEvent("click", { detail: 0 });
    };
    await press();
    await page.clock.runFor(340);
    assert.equal(await arming(page), "runs");
    await press();
    assert.deepEqual(sent, []);
    await passes(page, async () => (await arming(page)) === "done", "it may be decided");
    assert.deepEqual(sent, []);
    await page.keyboard.press("a");
    assert.deepEqual(await printed(client), { behavior: "allow" });
    assert.equal(sent.length, 1);
  });

  it("the time that is left goes down", async (t) => {
    const { page } = await queued(t, (world) => inTurn(world, "make one"));
    await stopped(page);
    const left = page.locator("[data-tick=left]");
    await passes(page, async () => (await left.count()) && (await left.innerText()), "the time is there");
    const before = await left.innerText();
    await page.clock.runFor(65_000);
    assert.notEqual(await left.innerText(), before);
  });

  it("what was answered elsewhere says so for 900 ms, then the next is shown", async (t) => {
    const all = await queued(t, (world) => inTurn(world, "make one", "make two"));
    const { page, world, clients } = all;
    await stopped(page);
    await passes(page, async () => (await arming(page)) === "done", "it may be decided");
    await world.cli("deny", clients[0].request.approval.id);
    const note = page.locator("[data-decides]").getByText("Denied from the command line");
    await passes(page, async () => (await note.count()) === 1, "it is told");
    await page.getByText("Nothing was sent from here. The next request follows.").waitFor();
    await page.keyboard.press("a");
    await page.clock.runFor(840);
    await thereAre(note, 1);
    await passes(page, async () => (await input(page, "make two").count()) === 1, "the next one");
    assert.equal((await world.get("/approvals")).approvals.length, 1);
    await page.clock.resume();
    await seenClean(all);
  });
});

describe("what comes between", () => {
  it("a request that is another by now is not decided", async (t) => {
    const all = await queued(t, (world) => inTurn(world, "make one"));
    const { page, world, clients } = all;
    await ready(page, "make one");
    await page.route("**/decision", (route) => route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), shown: "0".repeat(64) }) }));
    await page.keyboard.press("a");
    await page.getByText("This request has changed.").waitFor();
    await seenClean(all);
    assert.equal((await world.get("/approvals")).approvals.length, 1);
    await page.unroute("**/decision");
    await ready(page, "make one");
    await page.keyboard.press("a");
    assert.deepEqual(await printed(clients[0]), { behavior: "allow" });
  });

  it("an answer in the terminal comes first", async (t) => {
    const { page, clients } = await queued(t, (world) => inTurn(world, "make one"));
    await ready(page, "make one");
    await clients[0].event("PostToolUse-Bash", { tool_input: { command: "make one", description: "Build the docs" } });
    assert.equal(await printed(clients[0]), "");
    await page.getByText("Nothing waits").waitFor();
    await recent(page).getByText("answered there first").waitFor();
  });

  it("of two browsers exactly one decides", async (t) => {
    const one = await queued(t, (world) => inTurn(world, "make one"));
    const two = await open(chrome, one.world, "#/approvals");
    t.after(() => two.context.close());
    await Promise.all([one, two].map(({ page }) => ready(page, "make one")));
    // The button may be gone before the click: then the other was first.
    await Promise.all([one.page.keyboard.press("a"), button(two.page, "Deny & stop").click({ timeout: 5_000 }).catch(() => {})]);
    const decision = await printed(one.clients[0]);
    const [row] = (await one.world.get("/audit")).approvals;
    assert.deepEqual([row.outcome, row.by], [decision.behavior === "allow" ? "allowed" : "denied", "web"]);
    for (const { page, faults } of [one, two]) {
      await page.getByText("Nothing waits").waitFor();
      await recent(page).getByText(decision.behavior === "allow" ? "Approved" : "Denied").waitFor();
      await thereAre(recent(page).getByRole("listitem"), 1);
      await clean(page, faults);
    }
  });

  it("a daemon that dies meanwhile: the page says that nothing was sent", async (t) => {
    const { page, world, clients } = await queued(t, (world) => inTurn(world, "make one"));
    await ready(page, "make one");
    world.daemon.kill("SIGSTOP");
    await page.keyboard.press("a");
    await page.getByText("Sending…").waitFor();
    await world.kill();
    await page.getByRole("alert").filter({ hasText: "Your decision was not sent" }).waitFor();
    await page.getByRole("alert").filter({ hasText: "The daemon stopped answering" }).waitFor();
    await page.keyboard.press("a");
    await world.start(Number(new URL(page.url()).port));
    await page.getByText("Live", { exact: true }).waitFor();
    await until(async () => (await world.get("/approvals")).approvals.length === 1, "the hook came back");
    await ready(page, "make one");
    await page.keyboard.press("a");
    assert.deepEqual(await printed(clients[0]), { behavior: "allow" });
  });
});
