// Signing in, and what another page of the same machine can do with that: nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fs from "node:fs";
import http from "node:http";
import { browser, open } from "./support/page.mjs";
import { World, until } from "./support/world.mjs";

let chrome;
before(async () => (chrome = await browser()));
after(() => chrome.close());

test("an address signs in once, and leaves no trace in the history", async (t) => {
  const world = await World.open();
  t.after(() => world.close());
  const { page, context } = await open(chrome, world);
  assert.deepEqual((await context.cookies()).map((c) => [c.httpOnly, c.sameSite, c.path]), [[true, "Strict", "/"]]);
  assert.equal(await page.evaluate(() => document.cookie), "");
  await page.goBack();
  assert.doesNotMatch(page.url(), /code/);

  const url = (await world.cli("web", "--print-url")).trim();
  const origin = new URL(url).origin;
  const asked = new URL(url);
  asked.hash += `&to=${encodeURIComponent("/history?q=x")}`;
  const other = await (await chrome.newContext()).newPage();
  await other.goto(asked.href);
  await other.waitForURL(`${origin}/#/history?q=x`);
  const late = await (await chrome.newContext()).newPage();
  await late.goto(url);
  await late.getByText("This address has been used").waitFor();
  assert.equal(late.url(), `${origin}/index.html`);
  assert.equal(await late.evaluate(() => fetch("/sessions").then((r) => r.status)), 401);

  await page.goto(origin);
  assert.equal(await page.evaluate(async () => (await fetch("/logout", { method: "POST", headers: { "Content-Type": "application/json" } })).status), 204);
  await page.goto(origin);
  await page.getByText("ccmon is running").waitFor();
});

test("one stays signed in when the daemon is started again", async (t) => {
  const world = await World.open();
  t.after(() => world.close());
  const { page } = await open(chrome, world);
  const port = new URL(page.url()).port;
  await world.kill("SIGTERM");
  await world.start(Number(port));
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.getByText("Live", { exact: true }).waitFor();
});

test("a page of another port has nothing of the cookie", async (t) => {
  const world = await World.open();
  t.after(() => world.close());
  const { page, context } = await open(chrome, world);
  const origin = new URL(page.url()).origin;
  const foreign = http.createServer((_, answer) => answer.end("<!doctype html><title>another</title>"));
  await new Promise((up) => foreign.listen(0, "127.0.0.1", up));
  t.after(() => foreign.close());
  const other = await context.newPage();
  await other.goto(`http://127.0.0.1:${foreign.address().port}/`);
  const tried = await other.evaluate(async (ours) => {
    const json = { "Content-Type": "application/json" };
    const ways = {
      read: () => fetch(`${ours}/sessions`, { credentials: "include" }).then((r) => r.text()),
      quiet: () => fetch(`${ours}/rules/pause`, { method: "POST", mode: "no-cors", credentials: "include", body: "{}" }).then(() => "sent"),
      change: () => fetch(`${ours}/rules/pause`, { method: "POST", credentials: "include", headers: json, body: "{}" }).then(() => "sent"),
      remove: () => fetch(`${ours}/rules/1`, { method: "DELETE", credentials: "include" }).then(() => "sent"),
      patch: () => fetch(`${ours}/settings`, { method: "PATCH", credentials: "include", headers: json, body: "{}" }).then(() => "sent"),
      script: () => new Promise((done, fail) => Object.assign(document.head.appendChild(document.createElement("script")), { onload: () => done("ran"), onerror: fail, src: `${ours}/sessions` })),
      frame: () => new Promise((done) => Object.assign(document.body.appendChild(document.createElement("iframe")), { onload: (e) => done(e.target.contentDocument ? "blank" : "opaque"), src: `${ours}/` })),
      listen: () => new Promise((done, fail) => Object.assign(new WebSocket(`${ours.replace("http", "ws")}/ws`), { onmessage: done, onerror: fail })),
    };
    const results = {};
    for (const [name, way] of Object.entries(ways)) results[name] = await way().catch(() => "refused");
    return results;
  }, origin);
  const { frame, quiet, ...rest } = tried;
  assert.deepEqual(new Set(Object.values(rest)), new Set(["refused"]), JSON.stringify(tried));
  assert.equal((await world.get("/rules")).paused, false, JSON.stringify(tried));
});

test("a browser of the user decides, one that Claude started does not", async (t) => {
  const world = await World.open();
  t.after(() => world.close());
  const claude = world.claude("shop");
  const { approval, done } = await claude.asks("PermissionRequest-Bash");
  const decide = (page) =>
    page.evaluate(async ([id, shown]) => {
      const said = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ decision: "deny", shown }) };
      const answer = await fetch(`/approvals/${id}/decision`, said);
      return [answer.status, (await answer.json()).by ?? ""];
    }, [approval.id, approval.shown]);

  const inside = await browser({ ...process.env, CLAUDECODE: "1" });
  t.after(() => inside.close());
  assert.deepEqual(await decide((await open(inside, world)).page), [403, ""]);
  assert.deepEqual(await decide((await open(chrome, world)).page), [200, "web"]);
  assert.match(await done, /"deny"/);
});
