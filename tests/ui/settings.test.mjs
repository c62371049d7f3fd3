// Settings: each saved by itself, what is wrong said where it is, nothing typed lost; the pages around them.
import assert from "node:assert/strict";
import { beforeEach, describe, it, mock } from "node:test";
import { Refused, house, settle } from "./support/app.mjs";
import { text, written } from "./support/lit.mjs";

const { newest } = await import("../../assets/ui/settings/common.js");
const { config, field, leave, load, put, type, value } = await import("../../assets/ui/settings/config.js");
const { number } = await import("../../assets/ui/settings/fields.js");
const { fold } = await import("../../assets/ui/board.js");
const { settings } = await import("../../assets/ui/tabs/settings.js");
const { state: hooks } = await import("../../assets/ui/settings/hooking.js");

mock.timers.enable({ apis: ["setTimeout", "setInterval"] });

const channel = { on: true, urgency: "normal", sound: "" };
let values;
let answer;
const routes = {
  "GET /settings": () => answer(),
  "PATCH /settings": (patch) => {
    for (const [key, v] of Object.entries(patch)) {
      const [table, ...rest] = key.split(".");
      const last = rest.pop();
      rest.reduce((o, k) => o[k], values[table])[last] = v;
    }
    return answer();
  },
  "GET /rules": () => ({ rules: [], paused: false, broken: null }),
  "GET /rules/suggest": () => ({ suggestions: [] }),
};

beforeEach(() => {
  values = { approvals: { hold: 540, subagent_hold: 120, decide_from: [] }, sessions: { stuck_after: 0 }, jump: { terminal: [] }, popup: { corner: "bottom-right", monitor: "primary", quiet_when_focused: true, over_fullscreen: false, keep_s: 600 }, web: { enabled: true, port: 7777 }, notifications: { beside_popup: false, approval: { ...channel }, question: { ...channel }, finished: { ...channel }, failed: { ...channel }, stuck: { ...channel } }, quiet: { on: false, from: "22:00", to: "07:30" }, summaries: { on: false, refresh: 0, at_once: 2 }, retention: { days: 90, size_mb: 2048, audit_days: 0 } };
  answer = () => ({ path: "/c/config.toml", values, defaults: values, overridden: {}, restart: ["web.port"], problem: null });
  config.said = null;
  config.fields.clear();
});

/** The page at that address, opened and answered. */
async function page(where, more = {}, query = {}) {
  const app = house({ ...routes, ...more }, where, query);
  settings.enter(app);
  settings.moved(app);
  await settle();
  return app;
}

const look = (app) => text(settings.view(app)).replace(/\s+/g, " ");

describe("the popup's page", () => {
  it("says what each choice means, and saves it", async () => {
    const app = await page(["popup"]);
    assert.match(look(app), /Lower right.*Where the pointer is.*waits in the tray until the full screen ends/);
    await put(app, "popup.over_fullscreen", true);
    await put(app, "popup.corner", "top-left");
    assert.deepEqual(app.sent("PATCH /settings"), [{ "popup.over_fullscreen": true }, { "popup.corner": "top-left" }]);
    assert.match(look(app), /Also over films/);
  });
});

describe("where decisions come from", () => {
  it("is anywhere, or the places that are named", async () => {
    const app = await page(["hooks"]);
    const boxes = () => [...written(settings.view(app)).matchAll(/class="tick"[^>]*?checked=(true|false)[^>]*?disabled=(true|false)/g)].map(([, on, off]) => `${on} ${off}`);
    assert.match(look(app), /Decide from ?Anywhere.*Popup.*Notification.*Dashboard.*Browser.*Terminal interface.*Command line/);
    assert.deepEqual(boxes(), Array(6).fill("true false"));
    await put(app, "approvals.decide_from", ["popup"]);
    assert.match(look(app), /Only there\. What lets more run is changed only there too/);
    assert.deepEqual(boxes(), ["true true", ...Array(5).fill("false false")], "the last one stays");
  });
});

describe("a setting", () => {
  it("is saved at once, by itself", async () => {
    const app = await page(["notifications"]);
    await put(app, "notifications.finished.on", false);
    assert.deepEqual(app.sent("PATCH /settings"), [{ "notifications.finished.on": false }]);
    assert.ok(field("notifications.finished.on").saved);
    assert.match(look(app), /Saved/);
    mock.timers.tick(3_000);
    assert.doesNotMatch(look(app), /Saved/);
  });
  it("that is typed is saved when no more comes, or when it is left", async () => {
    const app = await page(["retention"]);
    type(app, "retention.days", 3, "");
    type(app, "retention.days", 30, "");
    assert.deepEqual(app.sent("PATCH /settings"), []);
    mock.timers.tick(700);
    type(app, "retention.size_mb", 5, "");
    leave(app, "retention.size_mb");
    await settle();
    assert.deepEqual(app.sent("PATCH /settings"), [{ "retention.days": 30 }, { "retention.size_mb": 5 }]);
  });
  it("that cannot be is not sent, and stays as typed", async () => {
    const app = await page(["hooks"]);
    type(app, "approvals.hold", "54x", "a whole number from 1 to 540.");
    mock.timers.tick(10_000);
    leave(app, "approvals.hold");
    assert.deepEqual(app.sent("PATCH /settings"), []);
    assert.equal(value("approvals.hold"), "54x");
    assert.match(look(app), /Not saved: a whole number/);
    assert.match(written(number(app, "approvals.hold", "x", { min: 1, max: 540, unit: "s" })), /54x[^]*aria-invalid=true/);
  });
  it("that the daemon refuses says why, and stays as typed", async () => {
    const app = await page(["hooks"], { "PATCH /settings": () => new Refused("`web.port` is taken") });
    await put(app, "web.port", 1);
    assert.equal(value("web.port"), 1);
    assert.match(look(app), /Not saved: web\.port is taken/);
    await load(app);
    assert.equal(value("web.port"), 1, "also when the settings are told anew");
  });
  it("is sent when the change before it is answered, the last of several alone", async () => {
    const answers = [];
    const app = await page(["retention"], { "PATCH /settings": () => new Promise((resolve) => answers.push(resolve)) });
    const all = [put(app, "retention.days", 1)];
    await settle();
    all.push(put(app, "retention.days", 2), put(app, "retention.days", 3), put(app, "retention.size_mb", 5));
    await settle();
    assert.deepEqual(app.sent("PATCH /settings"), [{ "retention.days": 1 }, { "retention.size_mb": 5 }]);
    answers[0](new Refused("late"));
    await settle();
    assert.deepEqual(app.sent("PATCH /settings")[2], { "retention.days": 3 });
    assert.equal(field("retention.days").wrong, "");
    values.retention.days = 3;
    answers.slice(1).forEach((tell) => tell(answer()));
    await Promise.all(all);
    assert.ok(field("retention.days").saved);
    assert.equal(value("retention.days"), 3);
  });
  it("that the environment sets is shown, and not changed", async () => {
    answer = () => ({ path: "", values, defaults: values, overridden: { "sessions.stuck_after": "CCMON_STUCK_THRESHOLD_S" }, restart: ["web.port"], problem: null });
    const app = await page(["hooks"]);
    assert.match(look(app), /Set by CCMON_STUCK_THRESHOLD_S/);
    assert.match(look(app), /Takes effect when ccmon starts again/);
  });
  it("is not changed while the file cannot be read", async () => {
    answer = () => ({ path: "", values, defaults: values, overridden: {}, restart: [], problem: "line 14: expected a number" });
    assert.match(look(await page(["retention"])), /cannot be read, and are not changed from here\. line 14/);
  });
});

describe("the pages", () => {
  it("say what failed, and offer to try again", async () => {
    answer = () => new Refused("the file is gone");
    const words = look(await page(["summaries"]));
    assert.match(words, /the file is gone/);
    assert.match(words, /Try again/);
  });
  it("say what summaries cost", async () => {
    assert.match(look(await page(["summaries"])), /Each costs tokens/);
  });
  it("open the rules when the address names no page", async () => {
    assert.match(look(await page([])), /No rules yet/);
  });
  it("purge only after a yes", async () => {
    const more = { "GET /retention": () => ({ bytes: 5e6, events: 1, sessions: 1, approvals: 0, oldest: null, last: null }), "GET /jobs": () => ({ jobs: [] }), "POST /jobs": ({ kind }) => ({ id: 900, kind, state: "running", done: 0, total: null, result: null, error: null, started: 0, ended: null }) };
    const app = await page(["retention"], more);
    assert.match(look(app), /5\.0 MB/);
    assert.match(look(app), /Not looked through yet/);
    const { retention } = await import("../../assets/ui/settings/retention.js");
    const button = press(retention.view(app), 0);
    app.answers = false;
    await button();
    await settle();
    assert.deepEqual(app.sent("POST /jobs"), []);
    app.answers = true;
    await button();
    await settle();
    assert.deepEqual(app.sent("POST /jobs"), [{ kind: "purge" }]);
  });
  it("send a test of a notification, and tell what came of it", async () => {
    const { notifications } = await import("../../assets/ui/settings/notifications.js");
    const app = await page(["notifications"], { "POST /notifications/test": () => new Refused("install dunst") });
    press(notifications.view(app), 0)();
    await settle();
    assert.deepEqual(app.sent("POST /notifications/test"), [{ channel: "approval" }]);
    assert.match(look(app), /No notification was shown\. install dunst/);
  });
  it("tell until when it is quiet, and end that", async () => {
    const { notifications } = await import("../../assets/ui/settings/notifications.js");
    const app = await page(["notifications"], { "POST /quiet": ({ until }) => ({ until }) });
    const button = (/** @type {number} */ nth) => press(notifications.view(app), nth)();
    assert.match(look(app), /Quiet for 1 h.*Until tomorrow/);
    button(6);
    button(7);
    app.board = fold(app.board, { type: "quiet", until: app.now() + 3_600_000 });
    assert.match(look(app), /It is quietUntil .* \d\d:\d\d.*End now/);
    button(6);
    assert.deepEqual(app.sent("POST /quiet"), [{ until: app.now() + 3_600_000 }, { until: "tomorrow" }, { until: null }]);
    app.board = fold(app.board, { type: "quiet", until: null });
    assert.doesNotMatch(look(app), /End now/);
  });
  it("show the change to the hooks before it is made", async () => {
    const told = { path: "/h/settings.json", installed: false, holds: false, program: null, events: [], problems: [], clients: [] };
    const calls = { "GET /hooks": () => told, "GET /about": () => new Refused("x"), "GET /doctor": () => new Refused("y"), "POST /hooks/install": () => ({ changed: true, path: "/h/settings.json", diff: "+<b>\n-\u202eold\n", notes: [] }) };
    const { act } = await import("../../assets/ui/settings/hooking.js");
    const app = await page(["hooks"], calls);
    assert.match(look(app), /Not installed/);
    await act(app, "install", true);
    assert.deepEqual(app.sent("POST /hooks/install"), [{ dry_run: true, approval: true }]);
    assert.match(look(app), /\+<b>/);
    assert.match(look(app), /U\+202E/);
    assert.equal(hooks.shown.change, "install");
    told.installed = true;
    await act(app, "install", false);
    assert.deepEqual(app.sent("POST /hooks/install")[1], { dry_run: false, approval: true });
    assert.match(look(app), /hooks are installed/);
  });
});

/** The n-th press of a template: what its button does. */
function press(template, n) {
  const found = [];
  const walk = (v) => {
    if (Array.isArray(v)) v.forEach(walk);
    else if (v?.strings) v.values.forEach((inner, i) => (/@click=$/.test(v.strings[i]) ? found.push(inner) : walk(inner)));
  };
  walk(template);
  return found[n];
}

describe("what is asked for twice", () => {
  const app = /** @type {any} */ ({ draw: () => undefined });
  /** Whoever asks, and answers in the order that a test wants. */
  function asking() {
    const heard = [];
    const answers = [];
    const get = () => new Promise((give, fail) => answers.push({ give, fail }));
    const load = newest(get, (told) => heard.push(told), (why) => heard.push(`failed: ${why}`));
    return { heard, answers, load };
  }
  it("is not told as it was, when it has been told as it is", async () => {
    const { heard, answers, load } = asking();
    const both = [load(app), load(app)];
    answers[1].give("now");
    await both[1];
    answers[0].give("before");
    await both[0];
    assert.deepEqual(heard, ["now"]);
  });
  it("is told each time it comes in order, however often it is asked for", async () => {
    const { heard, answers, load } = asking();
    const both = [load(app), load(app)];
    answers[0].fail(new Error("no"));
    await both[0];
    answers[1].give("now");
    await both[1];
    assert.deepEqual(heard, ["failed: no", "now"]);
  });
});
