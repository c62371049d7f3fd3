#!/usr/bin/env node
// How fast the dashboard is in Chromium: its first paint, the way of an event into the page, and whether a flood of them holds it up.
// Needs `tests/browser/run` to have been run once, which brings Playwright, and the programs: those of target/release, or CCMON_PROGRAMS.
// CCMON_IN=DIR is a database made by `CCMON_MAKE=DIR cargo bench --bench history`; without it the history is nearly empty.
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";

const RELEASED = fileURLToPath(new URL("../target/release", import.meta.url));
process.env.CCMON_PROGRAMS ??= RELEASED;
const { World, payload } = await import("../tests/browser/support/world.mjs");
const { browser, open } = await import("../tests/browser/support/page.mjs");
const { begun, fleet } = await import("../tests/browser/support/stories.mjs");

const ROUNDS = 10;
const EVENTS = 100;
const RATE = 200;
const FLOOD_MS = 5_000;
const FLOODING = 50;

/** What is there when a tab is. */
const TABS = {
  "#/sessions": "#sessions [role=option]",
  "#/approvals": "#waiting [role=option]",
  "#/history": "a.rowlink",
  "#/history/audit": "a.rowlink",
  "#/insight?days=14": ".figs",
  "#/settings": "#main h1, #main h2",
};

const sorted = (times) => [...times].sort((a, b) => a - b);
const at = (times, part) => sorted(times)[Math.min(times.length - 1, Math.floor(times.length * part))] ?? NaN;
const ms = (n) => `${n.toFixed(n < 10 ? 1 : 0)} ms`;
const line = (...cells) => console.log(`| ${cells.join(" | ")} |`);

function spread(name, times, promise) {
  line(name, ms(at(times, 0.5)), ms(at(times, 0.9)), ms(at(times, 0.99)), ms(Math.max(...times)), promise);
}

/** The first paint with anything in it, and when the tab's own content stood there. */
async function paints(page, hash, selector) {
  await page.goto("about:blank");
  await page.goto(new URL(`/${hash}`, page.origin).href);
  await page.locator(selector).first().waitFor();
  return page.evaluate(() => [performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN, globalThis.settled ?? performance.now()]);
}

/** Notes in each page when something of this selector was first in it. */
function watchFor(selectors) {
  const look = () => {
    const wanted = selectors.find(([hash]) => location.hash === hash)?.[1];
    if (wanted && document.querySelector(wanted)) globalThis.settled ??= performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function firstPaints(page) {
  await page.addInitScript(watchFor, Object.entries(TABS));
  for (const [hash, selector] of Object.entries(TABS)) {
    const all = [];
    for (let n = 0; n < ROUNDS; n++) all.push(await paints(page, hash, selector));
    spread(`first paint, ${hash}`, all.map(([paint]) => paint), "≤ 500 ms");
    spread(`its content, ${hash}`, all.map(([, content]) => content), "");
  }
}

/** From before the hook is started until the page shows what it said, and until it was acknowledged. */
async function latencies(world, page) {
  const client = await begun(world, "latency", "Measure.");
  await page.goto(new URL("/#/sessions", page.origin).href);
  await page.locator("#sessions").getByText("latency").first().waitFor();
  const [shown, hooks] = [[], []];
  for (let n = 0; n < EVENTS; n++) {
    const marker = `echo event-${n}.`;
    const seen = page.evaluate(inPage, marker);
    const begin = performance.timeOrigin + performance.now();
    await client.event("PreToolUse-Bash", { tool_use_id: `toolu_${n}`, tool_input: { command: marker } });
    hooks.push(performance.timeOrigin + performance.now() - begin);
    shown.push((await seen) - begin);
  }
  spread(`event, from the hook's start until its frame, ${EVENTS} of them`, shown, "≤ 100 ms");
  spread("of that, the hook until acknowledged", hooks, "");
}

/** When the frame was drawn in which the list held these words. */
function inPage(words) {
  return new Promise((done) => {
    const look = () => (document.getElementById("sessions")?.textContent?.includes(words) ? done(performance.timeOrigin + performance.now()) : requestAnimationFrame(look));
    look();
  });
}

/** Reports as the hook does, but from here: starting processes is not what is measured. */
function report(world, client, name, more) {
  const { pid } = client.process;
  const start = Number(fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ")[19]);
  const context = { v: 1, id: crypto.randomBytes(16).toString("hex"), started_ms: Date.now(), pid, start, env: {} };
  const body = JSON.stringify(payload(name, { ...client.common, ...more }));
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath: world.env.CCMON_SOCKET, method: "POST", path: "/event", headers: { host: "ccmon", "content-type": "application/json", "ccmon-context": JSON.stringify(context) } }, (answer) => {
      answer.resume().on("end", () => (answer.statusCode === 204 ? resolve() : reject(new Error(`the daemon said ${answer.statusCode}`))));
    });
    request.on("error", reject).end(body);
  });
}

/** So many updates a second, while long tasks are counted. */
async function flood(world, page, clients, hash) {
  await page.goto(new URL(`/${hash}`, page.origin).href);
  await page.reload();
  await page.getByText("Live", { exact: true }).waitFor();
  await page.waitForTimeout(1_000);
  await page.evaluate(observe);
  const begin = performance.now();
  const sent = [];
  for (let n = 0; performance.now() - begin < FLOOD_MS; n++) {
    const wait = (n * 1_000) / RATE - (performance.now() - begin);
    if (wait > 0) await new Promise((wake) => setTimeout(wake, wait));
    const [client, call] = [clients[n % clients.length], { tool_use_id: `toolu_f${n - (n % 2)}`, tool_input: { command: `echo flood-${n}.` } }];
    sent.push(report(world, client, n % 2 ? "PostToolUse-Bash" : "PreToolUse-Bash", call));
  }
  await Promise.all(sent);
  const { tasks, frames } = await page.evaluate(() => globalThis.observed());
  line(`${Math.round((sent.length / (performance.now() - begin)) * 1_000)} updates/s for ${FLOOD_MS / 1_000} s, ${hash}`, `${tasks.length} long tasks`, `worst ${ms(Math.max(0, ...tasks))}`, `frames: p50 ${ms(at(frames, 0.5))}`, `worst ${ms(Math.max(...frames))}`, "none > 50 ms");
}

function observe() {
  const [tasks, frames] = [[], []];
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map((e) => e.duration))).observe({ type: "longtask" });
  let last = performance.now();
  const frame = (now) => (frames.push(now - last), (last = now), requestAnimationFrame(frame));
  requestAnimationFrame(frame);
  globalThis.observed = () => ({ tasks, frames });
}

const world = await World.open({ database: process.env.CCMON_IN && path.join(process.env.CCMON_IN, "ccmon.db") });
const chrome = await browser();
try {
  const { "docs-site": asked } = await fleet(world);
  // A decision, for the pages about those.
  const { id, shown } = asked.request.approval;
  await world.ask("POST", `/approvals/${id}/decision`, { shown, decision: "allow" });
  const { page } = await open(chrome, world);
  page.origin = new URL(page.url()).origin;
  line("", "p50", "p90", "p99", "worst", "promise");
  line("---", "---", "---", "---", "---", "---");
  await firstPaints(page);
  await latencies(world, page);
  const clients = await Promise.all(Array.from({ length: FLOODING }, (_, n) => begun(world, `flood-${n}`, "Count.")));
  const { key } = await clients[0].session();
  for (const hash of ["#/sessions", `#/sessions/${key}`, "#/approvals", "#/history"]) await flood(world, page, clients, hash);
} finally {
  await chrome.close();
  await world.close();
}
