// The welcome page: each step says how it stands, the hooks go in after a look at the change, and it goes away for good.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { house, settle } from "./support/app.mjs";
import { text, written } from "./support/lit.mjs";

const { welcome } = await import("../../assets/ui/tabs/welcome.js");
const { state: hooking, act } = await import("../../assets/ui/settings/hooking.js");
const { frame } = await import("../../assets/ui/parts/frame.js");

const event = { id: 7, at: 1_000_000_000 - 5_000, session: "1-1", session_id: "s", kind: "SessionStart" };
const tray = { check: "tray host", result: "warning", found: "nobody shows tray icons; popups still appear", remedy: "`sudo apt install gnome-shell-extension-appindicator`" };
const notices = { check: "notifications", result: "ok", found: "a notification daemon is there" };
let hooks;
let checks;
let events;

const routes = {
  "GET /hooks": () => hooks,
  "GET /doctor": () => ({ checks }),
  "GET /events?order=desc&limit=50": () => ({ events }),
  "POST /hooks/install": ({ dry_run }) => {
    if (!dry_run) hooks = { ...hooks, installed: true, holds: true, events: ["Stop", "SessionStart"] };
    return { changed: true, path: "/h/settings.json", diff: "+hook\n", notes: [] };
  },
  "POST /welcome": ({ done }) => ({ done }),
};

beforeEach(() => {
  hooks = { path: "/h/settings.json", installed: false, holds: false, program: null, events: [], problems: [], clients: [{ version: "2.1.329", path: "/b/claude" }] };
  checks = [tray, notices];
  events = [];
  hooking.hooks = null;
});

async function open() {
  const app = house(routes, [], {});
  welcome.enter(app);
  await settle();
  return app;
}

const look = (app) => text(welcome.view(app)).replace(/\s+/g, " ");
const steps = (app) => written(welcome.view(app)).split("<li>").slice(1, 6).map((li) => !li.includes("todo"));

describe("the welcome page", () => {
  it("says what ccmon does and never does, and how each step stands", async () => {
    const app = await open();
    assert.match(look(app), /See which session needs you.*Everything stays on this machine/);
    assert.match(look(app), /Claude Code found.*Install the hooks.*nobody shows tray icons.*gnome-shell-extension-appindicator.*a notification daemon is there.*Start claude in any terminal/);
    assert.match(look(app), /It sends nothing off this machine.*If it stops, or is removed, Claude asks in its terminal/);
    assert.deepEqual(steps(app), [true, false, false, true, false]);
  });
  it("names what stands in the way where there is no desktop", async () => {
    checks = [{ check: "desktop", result: "warning", found: "neither DISPLAY nor WAYLAND_DISPLAY is set", remedy: "use `ccmon daemon`" }];
    hooks.clients = [];
    const app = await open();
    assert.match(look(app), /Claude Code was not found.*Tray icon.*neither DISPLAY.*Notifications.*neither DISPLAY/);
  });
  it("puts the hooks in after a look at the change, and then hears the first session", async () => {
    const app = await open();
    await act(app, "install", true);
    assert.match(look(app), /What changes in \/h\/settings\.json.*\+hook/);
    await act(app, "install", false);
    assert.deepEqual(app.sent("POST /hooks/install").map((b) => b.dry_run), [true, false]);
    assert.match(look(app), /Hooks installed.*Waiting for the first session.*Do not show this again/);
    welcome.frame({ type: "event", event: { ...event, kind: "ccmon.found" } }, app);
    assert.match(look(app), /Waiting for the first session/, "what ccmon finds by itself proves nothing");
    assert.deepEqual(app.sent("POST /welcome"), []);
    app.board.sessions.set("1-1", { key: "1-1", project: "sh\u202eop" });
    for (const _ of [1, 2]) welcome.frame({ type: "event", event }, app);
    await settle();
    assert.deepEqual(app.sent("POST /welcome"), [{ done: true }], "it is known to be done, once");
    assert.match(look(app), /ccmon hears Claude.*U\+202E.*SessionStart, 5 s ago.*Done/);
    assert.deepEqual(steps(app), [true, true, false, true, true]);
  });
  it("believes what was told before only of hooks that are there", async () => {
    events = [{ ...event, kind: "ccmon.ended", at: event.at + 1 }, event];
    assert.match(look(await open()), /Start claude in any terminal/);
    hooks.installed = true;
    assert.match(look(await open()), /ccmon hears Claude.*A session that has ended, SessionStart/);
  });
  it("is put away for good, and leads to the sessions", async () => {
    const app = await open();
    const away = written(welcome.view(app));
    assert.match(away, /Do not show this again/);
    await press(welcome.view(app), "Do not show this again")();
    await settle();
    assert.deepEqual([app.sent("POST /welcome"), app.route.tab], [[{ done: true }], "sessions"]);
  });
  it("is in no bar, and in the list of keys", () => {
    const plain = { id: "sessions", title: "Sessions", icon: "sessions", view: () => "" };
    const app = { ...house({}), tabs: [plain, welcome], tab: plain, link: "live", help: false, dialog: null };
    assert.doesNotMatch(written(frame(app)), /#\/welcome/);
    app.help = true;
    assert.match(written(frame(app)), /#\/welcome[^]*Welcome page/);
  });
});

/** What the last button of a template does. */
function press(template) {
  const found = [];
  const walk = (v) => {
    if (Array.isArray(v)) v.forEach(walk);
    else if (v?.strings) v.values.forEach((inner, i) => (/@click=$/.test(v.strings[i]) ? found.push(inner) : walk(inner)));
  };
  walk(template);
  return found.at(-1);
}
