// Questions and plans, answered in the popup and in the dashboard: every way, and what the hook then printed.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PLACES, printed, waits, withBrowser } from "./support/deciding.mjs";
import { focused, thereAre } from "./support/page.mjs";
import { begun, planning } from "./support/stories.mjs";
import { payload } from "./support/world.mjs";

withBrowser();

const COLOUR = payload("PermissionRequest-AskUserQuestion").tool_input.questions[0];
const TOPPINGS = payload("PermissionRequest-AskUserQuestion-two").tool_input.questions[1];
const PLAN = payload("PermissionRequest-ExitPlanMode").tool_input.plan;
/** The mode from then on. */
const mode = (/** @type {string} */ name) => ({ type: "setMode", mode: name, destination: "session" });

async function asks(world, ...questions) {
  const client = await begun(world, "tokens", "Ask me.");
  client.request = await client.asks("PermissionRequest-AskUserQuestion", { tool_input: { questions } });
  return client;
}

for (const place of Object.keys(PLACES)) {
  const question = async (t, ...questions) => {
    const d = await waits(t, place, async (world) => [await asks(world, ...questions)]);
    return d.ready(String(questions[0].question ?? ""));
  };
  const answers = async (d) => {
    const { behavior, updatedInput } = await printed(d.clients[0]);
    assert.equal(behavior, "allow");
    return updatedInput;
  };

  describe(`a question in the ${place}`, () => {
    it("is answered with an option, by pointer", async (t) => {
      const d = await question(t, COLOUR);
      await thereAre(d.root.locator(":checked"), 0);
      await thereAre(d.button(/^Approve/), 0);
      for (const words of ["Claude asks", "Colour", "Red", "Cold"]) await d.root.getByText(words).first().waitFor();
      await d.clean();
      await d.option("Blue").check();
      await d.clean();
      await d.button(/^Answer\b/).click();
      assert.deepEqual(await answers(d), { questions: [COLOUR], answers: { "Which colour do you like?": "Blue" } });
    });

    it("is answered by keys, and not by Enter or A alone", async (t) => {
      const d = await question(t, COLOUR);
      await d.keys("a", "Enter", "Enter");
      await focused(d.page, "#option-1");
      assert.equal(await d.pending(), 1);
      await d.keys("1", "ArrowDown", "ArrowUp", "Enter");
      assert.deepEqual((await answers(d)).answers, { "Which colour do you like?": "Red" });
    });

    it("is answered in one's own words, in which letters are letters", async (t) => {
      const d = await question(t, COLOUR);
      await d.keys("3");
      await focused(d.page, "#own");
      await d.type("a dark jade, 1 of 2");
      await d.keys("Escape");
      await focused(d.page, "#input");
      await d.option("Red").check();
      await d.option("Something else").check();
      await focused(d.page, "#own");
      await d.clean();
      await d.keys("Enter");
      assert.deepEqual((await answers(d)).answers, { "Which colour do you like?": "a dark jade, 1 of 2" });
    });

    it("takes any number of options where it may", async (t) => {
      const d = await question(t, TOPPINGS);
      await d.root.getByText("Choose any number.").waitFor();
      await d.option("Olives").check();
      await d.keys("1", "2", "2");
      await d.clean();
      await d.button(/^Answer\b/).click();
      assert.deepEqual((await answers(d)).answers, { "Which toppings?": "Cheese, Olives" });
    });

    it("goes through several, and back", async (t) => {
      const d = await question(t, COLOUR, TOPPINGS);
      await d.count("0 of 2 answered");
      await d.keys("1");
      await d.button(/^Next question/).click();
      await d.ready(TOPPINGS.question);
      await d.count("1 of 2 answered");
      await d.button("Back").click();
      await d.ready(COLOUR.question);
      assert.ok(await d.option("Red").isChecked());
      await d.option("Blue").check();
      await d.keys("Enter");
      await d.ready(TOPPINGS.question);
      await d.keys("3");
      await d.clean();
      await d.button(/^Answer\b/).click();
      assert.deepEqual((await answers(d)).answers, { "Which colour do you like?": "Blue", "Which toppings?": "Olives" });
    });

    it("may be left without an answer, with a word about it", async (t) => {
      const d = await question(t, COLOUR);
      await d.keys("d");
      await focused(d.page, "#message");
      await d.type("Decide yourself.");
      await d.keys("Enter");
      assert.deepEqual(await printed(d.clients[0]), { behavior: "deny", message: "Decide yourself." });
    });

    it("is left to the terminal", async (t) => {
      const d = await question(t, COLOUR);
      await d.button(/^Decide in terminal/).click();
      assert.equal(await printed(d.clients[0]), "");
    });

    it("that would be answered wrong from here is left to the terminal, and says why", async (t) => {
      const d = await question(t, { ...COLOUR, options: [{ label: "Red", description: "Warm" }, { label: "Red", description: "Dark" }] });
      await d.root.getByText("called the same").waitFor();
      await thereAre(d.button(/^Answer(?! in)/), 0);
      await d.keys("1", "Enter");
      assert.equal(await d.pending(), 1);
      await d.clean();
      await d.button(/^Answer in terminal/).click();
      assert.equal(await printed(d.clients[0]), "");
    });

    it("may have options without a number of them, previews, and no options", async (t) => {
      const many = Array.from({ length: 60 }, (_, n) => ({ label: `Option, ${n + 1}`, description: "d", preview: n ? undefined : "+--+\n|  |" }));
      const d = await question(t, { question: "Which of these?", multiSelect: true, options: many }, { question: "Why?" });
      await d.option("Option, 60").check();
      await d.option("Option, 10").check();
      await d.clean();
      await d.keys("Enter");
      await d.ready("Why?");
      await d.root.getByRole("textbox", { name: "Your own answer" }).fill("Because");
      await d.keys("Enter");
      assert.deepEqual((await answers(d)).answers, { "Which of these?": ["Option, 10", "Option, 60"], "Why?": "Because" });
    });
  });

  describe(`a plan in the ${place}`, () => {
    const plan = async (t, more) => {
      const d = await waits(t, place, async (world) => [more ? await bare(world, more) : await planning(world)]);
      await d.armed.waitFor();
      return d;
    };
    const bare = async (world, more) => {
      const client = await begun(world, "checkout-api", "Plan.");
      client.request = await client.asks("PermissionRequest-ExitPlanMode", more);
      return client;
    };

    it("is approved, and Claude goes on asking", async (t) => {
      const d = await plan(t);
      await d.ready("Do another thing");
      await d.clean();
      await d.button(/^Approve, keep asking/).click();
      assert.deepEqual(await printed(d.clients[0]), { behavior: "allow", updatedInput: { plan: PLAN }, updatedPermissions: [mode("default")] });
    });

    it("is approved with a key", async (t) => {
      const d = await plan(t);
      await d.keys("a");
      assert.deepEqual(await printed(d.clients[0]), { behavior: "allow", updatedInput: { plan: PLAN }, updatedPermissions: [mode("default")] });
    });

    it("is approved, with its edits of files", async (t) => {
      const d = await plan(t);
      await d.button(/^Approve, accept edits/).click();
      assert.deepEqual(await printed(d.clients[0]), { behavior: "allow", updatedInput: { plan: PLAN }, updatedPermissions: [mode("acceptEdits")] });
    });

    it("is approved as it was edited", async (t) => {
      const d = await plan(t);
      await d.keys("e");
      await focused(d.page, "#plan-text");
      await d.page.locator("#plan-text").fill("");
      await d.root.getByText("cannot be approved").waitFor();
      await d.type("# Mine, all of it");
      await d.root.getByText("Approve this plan as edited?").waitFor();
      await d.armed.waitFor();
      await d.clean();
      await d.keys("Escape");
      await d.page.locator("#plan-text").waitFor({ state: "detached" });
      await d.button(/^Edit first/).click();
      await focused(d.page, "#plan-text");
      assert.equal(await d.page.locator("#plan-text").inputValue(), "# Mine, all of it");
      await d.armed.waitFor();
      await d.keys("Control+Enter");
      assert.deepEqual(await printed(d.clients[0]), { behavior: "allow", updatedInput: { plan: "# Mine, all of it" }, updatedPermissions: [mode("default")] });
    });

    it("is sent back with what should change", async (t) => {
      const d = await plan(t);
      await d.button(/^Send back…/).click();
      await focused(d.page, "#message");
      await d.type("Leave the second thing out.");
      await d.clean();
      await d.button(/^Send back ?Enter/).click();
      assert.deepEqual(await printed(d.clients[0]), { behavior: "deny", message: "Leave the second thing out." });
    });

    it("that came without a text is approved without one", async (t) => {
      const d = await plan(t, { tool_input: {} });
      await d.root.getByText("Claude sent no text with this plan").waitFor();
      await thereAre(d.button(/^Edit first/), 0);
      await d.clean();
      await d.button(/^Approve, keep asking/).click();
      assert.deepEqual(await printed(d.clients[0]), { behavior: "allow", updatedInput: {}, updatedPermissions: [mode("default")] });
    });
  });
}
