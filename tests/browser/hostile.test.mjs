// Text of others, in every field of every page: it stays text, nothing runs, nothing is fetched, nothing reorders.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser, clean, open } from "./support/page.mjs";
import { smuggled } from "./support/smuggled.mjs";
import { HOSTILE, hostile } from "./support/stories.mjs";
import { World } from "./support/world.mjs";

let chrome, world, client, session;

before(async () => {
  [chrome, world] = await Promise.all([browser(), World.open()]);
  client = await hostile(world);
  session = await client.session();
  await said(await world.ask("POST", `/sessions/${session.key}/tag`, { text: HOSTILE.replace(/[\u0000-\u001f\u0080-\u009f]/g, "").slice(0, 40) }));
  await said(await world.ask("POST", "/rules", { name: HOSTILE.slice(0, 90), tool: "Bash", kind: "literal", pattern: HOSTILE, action: "deny", message: HOSTILE, lasts: "forever", enabled: false }), 201);
});
after(async () => {
  await chrome?.close();
  await world?.close();
});

async function said({ status, body }, wanted = 200) {
  assert.equal(status, wanted, JSON.stringify(body));
}

/** Where hostile text has to stand, or there would be nothing to see. */
const SHOWN = ["the session", "the queue", "the request", "history", "history's drawer", "a search", "the audit log", "rules", "a rule"];

const PLACES = [
  ["the session", () => `#/sessions/${session.key}`],
  ["the queue", () => "#/approvals"],
  ["the request", () => `#/approvals/${client.request.approval.id}`],
  ["history", () => "#/history"],
  ["history's drawer", () => `#/history/sessions/${session.key}`],
  ["a search", () => `#/history?q=${encodeURIComponent("owned onerror")}`],
  ["a hostile search", () => `#/history?q=${encodeURIComponent(HOSTILE)}`],
  ["the audit log", () => "#/history/audit"],
  ["insight", () => "#/insight?days=1"],
  ["rules", () => "#/settings/rules"],
  ["a rule", () => "#/settings/rules/1"],
  ["a promoted rule", () => `#/settings/rules/new?approval=${client.request.approval.id}`],
  ["an address of somebody else", () => `#/${encodeURIComponent(HOSTILE)}/${encodeURIComponent(HOSTILE)}?${encodeURIComponent(HOSTILE)}=${encodeURIComponent(HOSTILE)}`],
  ["a session of somebody else", () => `#/sessions/${encodeURIComponent(HOSTILE)}`],
];

for (const [name, hash] of PLACES) {
  test(`${name} shows hostile text as text`, async () => {
    const { page, context, faults } = await open(chrome, world, hash());
    await page.waitForLoadState("networkidle");
    if (SHOWN.includes(name)) await page.getByText("onerror").filter({ visible: true }).first().waitFor();
    assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).owned), undefined);
    assert.deepEqual(await smuggled(page), []);
    await clean(page, faults);
    await context.close();
  });
}
