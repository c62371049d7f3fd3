// The popup's mind: what is shown, when a press counts, what leaves.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ARM_MS, CLOSE_MS, LAST_MS, mayAllow, phase, position, visible, wake } from "../../assets/ui/queue.js";
import { approval, EXPIRES, Page, settled } from "./support/page.mjs";

const [a, b, c] = ["a", "b", "c"].map((id) => approval(id));
const three = () => new Page().board([a, b, c]);

describe("arming", () => {
  it("ignores a press before it was painted, however long it waits", () => {
    const p = three().wait(60_000).press("allow").click("deny");
    assert.deepEqual(p.decisions(), []);
    assert.equal(p.state.armed, false);
  });
  it("ignores a press in the first 400 ms after painting, and does not queue it", () => {
    const p = three().paint().wait(ARM_MS - 1).press("allow").click("allow").wait(1000);
    assert.deepEqual(p.decisions(), []);
  });
  it("hears it afterwards, with the hash that was looked at", () => {
    const p = three().arm().press("allow");
    assert.deepEqual(p.decisions(), [{ id: "a", decision: "allow", shown: "hash-a" }]);
  });
  it("hears it even when the timer is late", () => {
    const p = three().paint();
    p.at += ARM_MS;
    assert.equal(p.press("deny").decisions().length, 1);
  });
  it("ignores a click whose pointer went down before arming", () => {
    const p = three().paint().step({ type: "hold" }).wait(ARM_MS).step({ type: "press", act: "allow", pointer: true });
    assert.deepEqual(p.decisions(), []);
  });
  it("ignores a click whose pointer went down on the request before", () => {
    const p = three().arm().step({ type: "hold" });
    p.board([b, c], { settled: [settled(a, "terminal", "answered_in_terminal")] }).wait(CLOSE_MS).arm();
    p.step({ type: "press", act: "allow", pointer: true });
    assert.deepEqual(p.decisions(), []);
    assert.equal(p.shown, "b");
  });
  it("ignores the second half of a double click: the next request is not armed", () => {
    const p = three().arm().click("allow").sent("a").click("allow");
    assert.equal(p.decisions().length, 1);
    assert.equal(p.shown, "b");
  });
  it("starts again after a page turn", () => {
    const p = three().arm().press("next").press("allow");
    assert.deepEqual(p.decisions(), []);
    p.arm().press("allow");
    assert.equal(p.decisions()[0].id, "b");
  });
  it("does not take the paint of an earlier page for this one's", () => {
    const p = three();
    const old = p.state.serial;
    p.press("next").step({ type: "painted", serial: old, whole: true }).wait(ARM_MS).press("allow");
    assert.deepEqual(p.decisions(), []);
  });
  it("starts again when the window was hidden", () => {
    const p = three().arm().step({ type: "visible", on: false }).press("allow");
    p.step({ type: "visible", on: true }).wait(ARM_MS).press("allow");
    assert.deepEqual(p.decisions(), []);
    assert.equal(p.arm().press("allow").decisions().length, 1);
  });
  it("does not arm a page painted while hidden", () => {
    const p = three().step({ type: "visible", on: false }).arm().press("allow");
    assert.deepEqual(p.decisions(), []);
  });
  it("is not put back by a second paint", () => {
    const p = three().paint().wait(300).paint().wait(100);
    assert.equal(p.state.armed, true);
  });
  it("says when it needs the time", () => {
    const p = three().paint();
    assert.equal(wake(p.state, p.at, p.at), ARM_MS);
    p.wait(ARM_MS);
    assert.equal(wake(p.state, p.at, p.at), null);
  });
});

describe("reading", () => {
  it("approves nothing whose end was not on the screen; the press reads on", () => {
    const p = three().arm(false);
    assert.equal(mayAllow(p.state), false);
    p.press("allow");
    assert.deepEqual(p.decisions(), []);
    assert.deepEqual(p.state.out, [{ to: "page", type: "more" }]);
    p.step({ type: "read", serial: p.state.serial }).press("allow");
    assert.equal(p.decisions().length, 1);
  });
  it("lets the rest be denied at once", () => {
    assert.equal(three().arm(false).press("deny").decisions()[0].decision, "deny");
  });
  it("forgets what was read when the page turns", () => {
    const p = three().arm(true).press("next").arm(false).press("allow");
    assert.deepEqual(p.decisions(), []);
  });
});

describe("what is shown", () => {
  it("is the oldest, and is told to the host once it is painted", () => {
    const p = three();
    assert.equal(p.shown, "a");
    assert.deepEqual(p.told("shown"), []);
    p.paint();
    assert.deepEqual(p.told("shown"), [{ to: "host", type: "shown", id: "a" }]);
  });
  it("does not change when others come, go or change", () => {
    const p = three().press("next").arm();
    const { face, serial } = p.state;
    p.board([a, { ...b, tag: "new", branch: "x" }, c, approval("d")]).board([b, c]).board([b]);
    assert.equal(p.state.face, face);
    assert.equal(p.state.serial, serial);
    assert.equal(p.state.armed, true);
  });
  it("counts newcomers at the end", () => {
    const p = three().press("next").board([a, b, c, approval("d")]);
    assert.deepEqual(position(p.state), { index: 1, count: 4 });
  });
  it("takes a new limit without being replaced", () => {
    const p = three().arm().board([{ ...a, expires: 700_000 }, b]);
    assert.equal(p.state.face.expires, 700_000);
    assert.equal(p.state.armed, true);
  });
  it("is replaced, said and armed anew when the request itself changed", () => {
    const p = three().arm().board([{ ...a, input: { command: "rm" }, shown: "other" }, b]);
    assert.equal(p.state.face.shown, "other");
    assert.equal(p.state.note.kind, "changed");
    assert.deepEqual(p.press("allow").decisions(), []);
    assert.equal(p.arm().press("allow").decisions()[0].shown, "other");
  });
  it("stays at the ends when one pages on", () => {
    const p = three().press("previous");
    assert.equal(p.shown, "a");
    p.press("next").press("next").press("next");
    assert.equal(p.shown, "c");
  });
  it("is nothing when nothing is pending; the host hears it once", () => {
    const p = new Page().board([]).board([]);
    assert.equal(phase(p.state), "empty");
    assert.equal(p.told("empty").length, 1);
    p.board([a]).arm().press("allow").sent("a").board([]);
    assert.equal(p.told("empty").length, 2);
  });
});

describe("decided here", () => {
  it("turns at once when the daemon has it, not before", () => {
    const p = three().arm().press("allow");
    assert.equal(p.shown, "a");
    p.sent("a");
    assert.equal(p.shown, "b");
  });
  it("turns at once when the board is faster than the answer", () => {
    const p = three().arm().press("allow").board([b, c], { settled: [settled(a, "popup", "allowed")] });
    assert.equal(p.shown, "b");
    p.arm().sent("a");
    assert.equal(p.shown, "b");
    assert.equal(p.state.armed, true);
  });
  it("waits for the answer when the board does not say by whom", () => {
    const p = three().arm().press("allow").board([b, c]);
    assert.equal(phase(p.state), "ask");
    assert.equal(p.sent("a").shown, "b");
  });
  it("does not show it again when a late board still lists it", () => {
    const p = three().arm().press("allow").sent("a").board([a, b, c]);
    assert.equal(p.shown, "b");
    assert.deepEqual(position(p.state), { index: 0, count: 2 });
  });
  it("follows with the one after it, then with the oldest", () => {
    const p = three().press("next").arm().press("deny").sent("b");
    assert.equal(p.shown, "c");
    assert.equal(p.arm().press("deny").sent("c").shown, "a");
  });
  it("sends once, however often it is pressed", () => {
    const p = three().arm().press("allow").press("allow").press("deny").press("next");
    assert.equal(p.decisions().length, 1);
    assert.equal(p.shown, "a");
  });
  it("denies with the message, with interruption, or hands over", () => {
    const p = three().arm().press("field").step({ type: "typed", text: "  use npm ci \n" }).press("deny");
    assert.deepEqual(p.decisions(), [{ id: "a", decision: "deny", message: "use npm ci", shown: "hash-a" }]);
    p.sent("a").arm().press("deny_stop").sent("b").arm().press("release");
    assert.deepEqual(p.decisions().slice(1), [
      { id: "b", decision: "deny", interrupt: true, shown: "hash-b" },
      { id: "c", decision: "release", shown: "hash-c" },
    ]);
  });
  it("sends no message that is not on the screen", () => {
    const p = three().arm().press("field").step({ type: "typed", text: "draft" }).press("back").press("deny");
    assert.equal("message" in p.decisions()[0], false);
  });
  it("keeps a message being written while one pages", () => {
    const p = three().arm().press("field").step({ type: "typed", text: "draft" }).press("next").press("previous").arm().press("field");
    assert.equal(p.state.drafts.a, "draft");
  });
  it("approves permissions only", () => {
    for (const kind of ["question", "plan", "elicitation"]) {
      const p = new Page().board([approval("q", { kind })]).arm().press("allow");
      assert.deepEqual(p.decisions(), [], kind);
    }
  });
  it("approves nothing while a message is written", () => {
    assert.deepEqual(three().arm().press("field").press("allow").decisions(), []);
  });
  it("does not hand over where no terminal would ask", () => {
    const p = new Page().board([approval("h", { headless: true })]).arm().press("release");
    assert.deepEqual(p.decisions(), []);
  });
});

describe("decided elsewhere", () => {
  const closed = () => three().arm().board([b, c], { settled: [settled(a, "terminal", "answered_in_terminal")] });

  it("stands for 900 ms in the same frame, then the next arms anew", () => {
    const p = closed();
    assert.equal(phase(p.state), "closing");
    assert.equal(p.shown, "a");
    assert.equal(p.state.closing.how.by, "terminal");
    p.wait(CLOSE_MS - 1);
    assert.equal(phase(p.state), "closing");
    p.wait(1);
    assert.equal(p.shown, "b");
    assert.equal(p.state.armed, false);
  });
  it("hears nothing meanwhile", () => {
    const p = closed().press("allow").press("next").press("later").click("deny");
    assert.deepEqual(p.decisions(), []);
    assert.equal(p.shown, "a");
  });
  it("is not cut short by another board", () => {
    assert.equal(phase(closed().wait(100).board([c]).state), "closing");
  });
  it("ends with an empty page when it was the last", () => {
    const p = new Page().board([a]).arm().board([], { settled: [settled(a, "cli", "denied")] });
    assert.equal(p.told("empty").length, 0);
    p.wait(CLOSE_MS);
    assert.equal(p.told("empty").length, 1);
    assert.equal(phase(p.state), "empty");
  });
  it("wins over our own decision that came too late", () => {
    const p = three().arm().press("allow").board([b, c], { settled: [settled(a, "terminal", "answered_in_terminal")] });
    assert.equal(phase(p.state), "closing");
    p.sent("a", { ok: false, status: 409 });
    assert.equal(p.state.note, null);
  });
  it("is learnt from the answer 409 too", () => {
    const p = three().arm().press("allow").sent("a", { ok: false, status: 409, approval: settled(a, "web", "denied") });
    assert.equal(p.state.closing.how.by, "web");
    assert.equal(p.wait(CLOSE_MS).shown, "b");
  });
  it("is not played to an empty house", () => {
    const p = three().step({ type: "visible", on: false }).board([b, c], { settled: [settled(a, "timeout", "timed_out")] });
    assert.equal(p.shown, "b");
  });
});

describe("what did not arrive", () => {
  for (const [status, kind] of [[0, "unsent"], [500, "unsent"], [404, "unknown"], [403, "refused"], [409, "changed"]]) {
    it(`${status} is said, the request stays, and can be pressed again`, () => {
      const p = three().arm().press("allow").sent("a", { ok: false, status, detail: "why" });
      assert.equal(p.shown, "a");
      assert.equal(p.state.note.kind, kind);
      p.press("deny");
      assert.equal(p.state.note, null);
      assert.equal(p.decisions().length, 2);
    });
  }
  it("is not mixed up with another request's answer", () => {
    const p = three().arm().press("allow").sent("b", { ok: false, status: 500 });
    assert.equal(p.state.note, null);
    assert.deepEqual(p.state.sending, { id: "a" });
  });
  it("shows at once what changed while it was under way", () => {
    const p = three().arm().press("allow").board([{ ...a, shown: "other" }, b]).sent("a", { ok: false, status: 409 });
    assert.equal(p.state.face.shown, "other");
    assert.equal(p.state.armed, false);
  });
});

describe("a lost daemon", () => {
  const lose = (p) => p.board([], { daemon: "lost" });

  it("keeps the request, decides nothing, and shows it again unarmed", () => {
    const p = lose(three().arm()).press("allow").click("deny").press("next");
    assert.equal(phase(p.state), "lost");
    assert.deepEqual(p.decisions(), []);
    p.board([a, b, c]);
    assert.equal(p.shown, "a");
    assert.equal(p.state.armed, false);
  });
  it("remembers that a decision was under way", () => {
    assert.equal(lose(three().arm().press("allow")).state.unsent, true);
    assert.equal(lose(three().arm().press("allow").sent("a", { ok: false, status: 0 })).state.unsent, true);
    assert.equal(lose(three().arm()).state.unsent, false);
  });
  it("can be closed, asked again and jumped from", () => {
    const p = lose(three().arm()).press("jump").press("retry").press("copy").press("later");
    assert.deepEqual(p.said.slice(1).map((e) => e.type), ["jump", "refresh", "copy", "empty"]);
    assert.equal(phase(p.state), "empty");
    assert.equal(phase(p.board([a, b, c]).state), "ask");
  });
  it("that comes back without the request says so", () => {
    const p = lose(three().arm()).board([b, c]);
    assert.equal(phase(p.state), "closing");
    assert.equal(p.state.closing.how, null);
  });
});

describe("what is silent just now", () => {
  it("leaves the page at once, without closing words, and comes back as it was, to be seen anew", () => {
    const p = three().arm().press("field").step({ type: "typed", text: "why" }).board([a, b, c], { silent: ["a", "c"] });
    assert.deepEqual([p.shown, p.state.closing, p.state.armed], ["b", null, false]);
    assert.deepEqual(position(p.state), { index: 0, count: 1 });
    p.board([a, b, c], { silent: ["a", "b", "c"] });
    assert.deepEqual([p.shown, p.told("empty").length], [null, 1]);
    p.board([a, b, c], { silent: [] });
    assert.equal(p.shown, "a");
    assert.equal(p.arm().press("field").state.drafts.a, "why");
  });
  it("is no reason to forget a decision that is on its way", () => {
    const p = new Page().board([a, b]).arm().press("allow").board([a, b], { silent: ["a"] });
    assert.equal(p.shown, "a");
    assert.equal(p.sent("a").shown, "b");
  });
});

describe("later", () => {
  it("puts one off, tells the host, and shows the next", () => {
    const p = three().arm().press("later");
    assert.deepEqual(p.told("later"), [{ to: "host", type: "later", id: "a" }]);
    assert.equal(p.shown, "b");
    assert.equal(p.board([a, b, c]).shown, "b");
    assert.deepEqual(visible(p.state).map((x) => x.id), ["b", "c"]);
  });
  it("hands what hides its terminal over to that, and keeps it on the page until that is done", () => {
    const agents = { ...a, hides_terminal: true };
    const p = new Page().board([agents, b]).arm().press("later");
    assert.deepEqual(p.decisions(), [{ id: "a", decision: "release", shown: agents.shown }]);
    assert.equal(p.told("later").length, 0);
    assert.equal(p.shown, "a");
    assert.equal(p.sent("a").shown, "b");
  });
  it("of a request in print mode is only later", () => {
    const p = new Page().board([{ ...a, headless: true }, b]).arm().press("later");
    assert.deepEqual([p.told("later").length, p.decisions().length, p.shown], [1, 0, "b"]);
  });
  it("empties the page when all are put off, until a new one comes", () => {
    const p = new Page().board([a]).arm().press("later");
    assert.equal(p.told("empty").length, 1);
    assert.equal(p.board([a, b]).shown, "b");
  });
  it("lasts until the last minute", () => {
    const p = new Page().board([a]).arm().press("later");
    assert.equal(wake(p.state, p.at, p.at), EXPIRES - LAST_MS);
    p.wait(EXPIRES - LAST_MS - p.at - 1);
    assert.equal(p.shown, null);
    p.wait(1);
    assert.equal(p.shown, "a");
    assert.equal(p.state.armed, false);
  });
  it("pressed in the last minute, lasts", () => {
    const p = new Page().board([a]).wait(EXPIRES - 30_000).arm().press("later").wait(10_000).board([a]);
    assert.equal(p.shown, null);
    assert.equal(wake(p.state, p.at, p.at), null);
  });
  it("ends when asked for", () => {
    const p = new Page().board([a, b]).arm().press("later").step({ type: "show", id: "a" });
    assert.equal(p.shown, "a");
    const q = new Page().board([a]).arm().press("later").step({ type: "show" });
    assert.equal(q.shown, "a");
  });
  it("asked for with nothing there, the host hears that it is empty", () => {
    assert.equal(new Page().board([]).step({ type: "show" }).told("empty").length, 2);
  });
  it("goes by the daemon's clock", () => {
    const p = new Page();
    p.step({ type: "board", now: EXPIRES - LAST_MS - 1000, approvals: [a], settled: [], daemon: "ok" });
    p.arm().press("later");
    assert.equal(p.shown, null);
    assert.equal(p.wait(1000).shown, "a");
  });
});
