// What an MCP server asks for, filled in in the popup and in the dashboard, and what the hook then printed.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PLACES, output, waits, withBrowser } from "./support/deciding.mjs";
import { focused, thereAre } from "./support/page.mjs";
import { begun } from "./support/stories.mjs";

withBrowser();

const SCHEMA = {
  type: "object",
  properties: {
    place: { type: "string", title: "Environment", enum: ["stage", "prod"], enumNames: ["Staging", "Production"] },
    ticket: { type: "string", title: "Ticket", description: "As in the tracker", minLength: 3 },
    day: { type: "string", title: "Day", format: "date" },
    sure: { type: "boolean", title: "Are you sure?" },
    tell: { type: "boolean", title: "Tell the channel when done", default: true },
  },
  required: ["place", "ticket"],
};
const asked = { mcp_server_name: "deploy", message: "Where should release 4.2.1 go?", requested_schema: SCHEMA };

for (const place of Object.keys(PLACES)) {
  const asks = async (t, name, more) => {
    const d = await waits(t, place, async (world) => {
      const client = await begun(world, "tokens", "Release it.");
      client.request = await client.asks(name, more);
      return [client];
    });
    await d.armed.waitFor();
    return d;
  };
  const heard = async (d) => {
    const { hookEventName, ...rest } = await output(d.clients[0]);
    assert.equal(hookEventName, "Elicitation");
    return rest;
  };

  describe(`what an MCP server asks in the ${place}`, () => {
    it("is filled in, and sent when nothing is missing", async (t) => {
      const d = await asks(t, "Elicitation-form", asked);
      await d.root.getByRole("heading", { name: "“deploy” asks for details" }).waitFor();
      await d.root.getByText("The server’s words, not Claude’s").waitFor();
      await d.clean();
      await d.root.getByLabel("Ticket").fill("O");
      await d.root.getByText("At least 3 characters").waitFor();
      await d.keys("Enter");
      await focused(d.page, "#entry-0");
      await d.root.getByText("Needed.").waitFor();
      await d.clean();
      assert.equal(await d.pending(), 1);
      await d.root.getByLabel("Environment").selectOption("Production");
      await d.root.getByLabel("Day").fill("2026-01-31");
      await d.root.getByRole("radio", { name: "No" }).check();
      await d.root.getByRole("checkbox", { name: "Tell the channel" }).uncheck();
      await d.root.getByLabel("Ticket").fill("OPS-1");
      await thereAre(d.root.locator(".fault"), 0);
      await d.clean();
      await d.keys("Enter");
      assert.deepEqual(await heard(d), { action: "accept", content: { place: "prod", ticket: "OPS-1", day: "2026-01-31", sure: false, tell: false } });
    });

    it("is declined, or dismissed", async (t) => {
      const d = await asks(t, "Elicitation-form", asked);
      await d.button(/^Decline/).click();
      assert.deepEqual(await heard(d), { action: "decline" });
      const e = await asks(t, "Elicitation-form", asked);
      await e.button(/^Cancel/).click();
      assert.deepEqual(await heard(e), { action: "cancel" });
    });

    it("is left to the terminal where no form here has such a field", async (t) => {
      const d = await asks(t, "Elicitation-form", { ...asked, requested_schema: { type: "object", properties: { a: { type: "object" } } } });
      await d.clean();
      await d.button(/^Answer in terminal/).click();
      assert.equal(await output(d.clients[0]), "");
    });

    it("is left to the terminal where it is a page to open", async (t) => {
      const d = await asks(t, "Elicitation-url");
      await d.root.getByText("https://example.org/login").waitFor();
      await thereAre(d.root.getByRole("link", { name: /example\.org/ }), 0);
      await d.clean();
      await d.button(/Answer in terminal/).click();
      assert.equal(await output(d.clients[0]), "");
    });
  });
}
