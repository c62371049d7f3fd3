// What flows in: after a burst the page shows how each session stands, and nothing of what was in between. How fast that is, is measured
// by `benches/pages.mjs`.
import { after, before, test } from "node:test";
import { browser, visit } from "./support/page.mjs";
import { begun } from "./support/stories.mjs";
import { World, until } from "./support/world.mjs";

const SESSIONS = 10;
const CALLS = 25;

let chrome, world;

before(async () => {
  [chrome, world] = await Promise.all([browser(), World.open()]);
});
after(async () => {
  await chrome?.close();
  await world?.close();
});

/** So many calls, two events each; every second session then stops. */
async function works(client, n) {
  for (let call = 0; call < CALLS; call++) {
    const tool = { tool_use_id: `toolu_${n}_${call}`, tool_input: { command: `echo step-${call}.`, description: "Step" } };
    await client.event("PreToolUse-Bash", tool);
    if (call < CALLS - 1 || n % 2) await client.event("PostToolUse-Bash", tool);
  }
  if (n % 2) await client.event("Stop-text");
}

test("after a burst of 500 events the page shows the last state of each session", async () => {
  const clients = await Promise.all(Array.from({ length: SESSIONS }, (_, n) => begun(world, `burst-${n}`, "Count.")));
  await visit(chrome, world, "#/sessions", { size: { width: 1280, height: 1400 } }, async (page) => {
    const row = (n) => page.locator("#sessions").getByRole("option").filter({ has: page.locator(".name", { hasText: new RegExp(`^burst-${n}$`) }) });
    await row(SESSIONS - 1).waitFor();
    await Promise.all(clients.map(works));
    for (const n of clients.keys()) await row(n).filter({ hasText: n % 2 ? "Done" : `step-${CALLS - 1}.` }).waitFor();
    const told = (await world.get("/sessions")).sessions.map((s) => s.state).sort();
    const shown = () => page.locator("#sessions .pill").evaluateAll((all) => all.map((e) => /** @type {HTMLElement} */ (e).dataset.s).sort());
    await until(async () => JSON.stringify(await shown()) === JSON.stringify(told), async () => `${await shown()} is ${told}`);
  });
});
