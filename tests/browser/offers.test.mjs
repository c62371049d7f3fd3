// What may go with a yes, in the popup and in the dashboard: what Claude remembers, a rule, something else to run, all that ask the same.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PLACES, printed, waits, withBrowser } from "./support/deciding.mjs";
import { focused, thereAre } from "./support/page.mjs";
import { begun } from "./support/stories.mjs";
import { payload, until } from "./support/world.mjs";

withBrowser();

const NPM = payload("PermissionRequest-Bash-npm").permission_suggestions[0];
const ACCEPT = { type: "setMode", mode: "acceptEdits", destination: "session" };
const ODD = { type: "tomorrow", of: "<b>x</b>\u202e" };

/** Claude asks for a command, as recorded. */
async function asks(world, command = "npm run build", more = {}) {
  const client = await begun(world, "docs-site", "Build the docs.");
  client.request = await client.asks("PermissionRequest-Bash-npm", { tool_input: { command, description: "Build" }, ...more });
  return client;
}

for (const place of Object.keys(PLACES)) {
  const one = async (t, command = "npm run build", more = {}) => (await waits(t, place, async (world) => [await asks(world, command, more)])).ready(command);
  const tick = (d, n) => d.page.locator(`#remember-${n}`).click();

  describe(`what Claude remembers, in the ${place}`, () => {
    it("is what was ticked, exactly as it was offered", async (t) => {
      const d = await one(t, "npm run build", { permission_suggestions: [NPM, ACCEPT, ODD] });
      await d.button("Always allow…").click();
      await d.root.getByText(".claude/settings.local.json").waitFor();
      await thereAre(d.root.locator(":checked"), 0);
      await d.root.getByText("Something that ccmon has no words for").waitFor();
      await d.clean();
      await tick(d, 1);
      await tick(d, 3);
      await thereAre(d.root.locator(":checked"), 2);
      await d.clean();
      await d.button(/^Approve & remember/).click();
      assert.deepEqual(await printed(d.clients[0]), { behavior: "allow", updatedPermissions: [NPM, ODD] });
    });

    it("is nothing when it was closed again", async (t) => {
      const d = await one(t);
      await d.button("Always allow…").click();
      await tick(d, 1);
      await d.button(/^Approve & remember/).waitFor();
      await d.keys("Escape");
      await thereAre(d.page.locator("#remember-1"), 0);
      await d.keys("a");
      assert.deepEqual(await printed(d.clients[0]), { behavior: "allow" });
    });
  });

  describe(`a rule made in the ${place}`, () => {
    it("says what it would cover, and answers the next request", async (t) => {
      const d = await one(t);
      await d.button("Make a rule…").click();
      await d.root.getByText("Any command beginning with npm run", { exact: false }).last().click();
      await d.root.getByText("Approving makes it the rule").waitFor();
      await thereAre(d.root.locator("input:checked"), 1);
      await d.root.getByLabel("For how long").selectOption("900");
      await d.root.getByLabel("Where").selectOption("everywhere");
      await d.root.getByText("Approving makes it the rule").waitFor();
      await d.clean();
      await d.button(/^Approve & make rule/).click();
      assert.deepEqual(await printed(d.clients[0]), { behavior: "allow" });
      const { rules } = await d.world.get("/rules");
      assert.deepEqual(rules.map((r) => [r.pattern, r.lasts, r.seconds, r.cwd ?? null]), [["npm run*", "seconds", 900, null]]);
      const next = await begun(d.world, "notes", "Lint.");
      const { done } = next.hook(["--wait"], payload("PermissionRequest-Bash-npm", { ...next.common, tool_input: { command: "npm run lint" } }));
      assert.deepEqual(JSON.parse(await done).hookSpecificOutput.decision, { behavior: "allow" });
    });

    it("may be for all of the session, and is in the table of rules", async (t) => {
      const d = await one(t);
      await d.button("Make a rule…").click();
      await d.root.getByText("Everything of this session for 15 minutes").click();
      await d.root.getByText("Approving makes it the rule").waitFor();
      await d.button(/^Approve & make rule/).click();
      assert.deepEqual(await printed(d.clients[0]), { behavior: "allow" });
      const [client] = d.clients;
      const { done } = client.hook(["--wait"], payload("PermissionRequest-Bash-npm", { ...client.common, tool_input: { command: "git status" } }));
      assert.deepEqual(JSON.parse(await done).hookSpecificOutput.decision, { behavior: "allow" });
      const [rule] = (await d.world.get("/rules")).rules;
      assert.deepEqual([rule.lasts, rule.session, rule.lints], ["session_seconds", client.request.approval.session, []]);
    });
  });

  describe(`something else to run, in the ${place}`, () => {
    it("is what was written, once its risk is seen", async (t) => {
      const d = await one(t);
      await d.keys("e");
      await focused(d.page, "#edit-command");
      await d.page.locator("#edit-command").fill("rm -rf /srv/docs");
      await d.root.getByText("High risk").first().waitFor();
      await d.clean();
      await d.page.locator("#edit-command").fill("npm run build -- --draft");
      await d.root.getByText("Claude is told, and runs this").waitFor();
      await d.root.getByText("Claude asked for").waitFor();
      await d.armed.waitFor();
      await d.button(/^Approve as edited/).click();
      assert.deepEqual(await printed(d.clients[0]), { behavior: "allow", updatedInput: { command: "npm run build -- --draft", description: "Build" } });
    });

    it("is left with Esc, and nothing of it is sent", async (t) => {
      const d = await one(t);
      await d.keys("e");
      await d.page.locator("#edit-command").fill("ls");
      await d.keys("Escape");
      await d.ready("npm run build");
      await d.keys("a");
      assert.deepEqual(await printed(d.clients[0]), { behavior: "allow" });
    });

    it("of a notebook is the source of its cell", async (t) => {
      const input = { cell_id: "c1", new_source: "x = 1" };
      const d = await waits(t, place, async (world) => {
        const client = await begun(world, "docs-site", "Count.");
        Object.assign(input, { notebook_path: `${client.common.cwd}/count.ipynb` });
        client.request = await client.asks("PermissionRequest-Write", { tool_name: "NotebookEdit", tool_input: input });
        return [client];
      });
      await d.ready("x = 1");
      await d.keys("e");
      await d.page.locator("#edit-new_source").fill("x = 2");
      await d.root.getByText("Claude is told, and runs this").waitFor();
      await d.armed.waitFor();
      await d.page.locator("#edit-new_source").press("Control+Enter");
      assert.deepEqual((await printed(d.clients[0])).updatedInput, { ...input, new_source: "x = 2" });
    });

    it("of an MCP tool is JSON, and nothing is sent that is none", async (t) => {
      const input = { text: "hi", deep: { a: 1 } };
      const d = await waits(t, place, async (world) => {
        const client = await begun(world, "docs-site", "Echo.");
        client.request = await client.asks("PermissionRequest-mcp", { tool_input: input });
        return [client];
      });
      await d.ready("hi");
      await d.keys("e");
      await d.page.locator("#edit-deep").fill("{a");
      await d.root.getByText("This is no JSON").waitFor();
      await d.armed.waitFor();
      await d.keys("Control+Enter");
      assert.equal(await d.pending(), 1);
      await d.page.locator("#edit-deep").fill("[2]");
      await d.root.getByText("Claude is told, and runs this").waitFor();
      await d.armed.waitFor();
      await d.page.locator("#edit-deep").press("Control+Enter");
      assert.deepEqual((await printed(d.clients[0])).updatedInput, { text: "hi", deep: [2] });
    });
  });

  describe(`all that ask the same, in the ${place}`, () => {
    it("are approved with one press, each on its own", async (t) => {
      const d = await waits(t, place, async (world) => [await asks(world), await asks(world), await asks(world)]);
      await d.ready("npm run build");
      await d.root.getByText("3 sessions ask the same.").waitFor();
      await d.clean();
      await d.button("Approve all 3").click();
      for (const client of d.clients) assert.deepEqual(await printed(client), { behavior: "allow" });
      await until(async () => (await d.pending()) === 0, "nothing waits");
      const { approvals } = await d.world.get("/approvals?state=all");
      assert.deepEqual(approvals.map((a) => a.outcome), ["allowed", "allowed", "allowed"]);
    });

    it("are not offered together when they are of high risk", async (t) => {
      const d = await waits(t, place, async (world) => [await asks(world, "sudo rm -rf /srv"), await asks(world, "sudo rm -rf /srv")]);
      await d.ready("sudo");
      await thereAre(d.button(/^Approve all/), 0);
    });
  });
}
