// Where requests are decided, the popup's page and the dashboard: how to wait for one, press its buttons, and hear what the hook printed.
import { after, before } from "node:test";
import { browser, clean, open } from "./page.mjs";
import { PATIENCE, World, until } from "./world.mjs";

let chrome;
/** Has one browser for a file of tests. */
export function withBrowser() {
  before(async () => (chrome = await browser()));
  after(() => chrome?.close());
}

/** The same requests are decided the same in both. */
export const PLACES = {
  popup: { address: "popup.html", root: ".card", size: { width: 420, height: 720 } },
  dashboard: { address: "#/approvals", root: "[data-decides]", size: { width: 1280, height: 800 } },
};

/** A daemon of its own, with that place open; `tell` says what waits there. */
export async function waits(t, place, tell = async () => []) {
  const world = await World.open();
  t.after(() => world.close());
  const clients = await tell(world);
  const { address, root, size } = PLACES[place];
  const seen = await open(chrome, world, address, { size });
  t.after(() => seen.context.close());
  return new Deciding(world, clients, seen, root);
}

class Deciding {
  constructor(world, clients, { page, faults }, root) {
    Object.assign(this, { world, clients, page, faults, root: page.locator(root), armed: page.locator(`${root}[data-arming=done]`) });
  }

  /** Waits until this request is the one that a press would decide. */
  async ready(words) {
    await this.armed.filter({ has: this.page.locator("#input", { hasText: words }) }).waitFor();
    return this;
  }

  button(name) {
    return this.root.getByRole("button", { name });
  }

  option(name) {
    return this.root.getByRole(/** @type {any} */ ("radio"), { name, exact: true }).or(this.root.getByRole("checkbox", { name, exact: true }));
  }

  async keys(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async type(text) {
    await this.page.keyboard.type(text);
  }

  /** Nothing went wrong, and whoever cannot see it can use it. */
  async clean() {
    await clean(this.page, this.faults);
  }

  /** How many requests still wait. */
  async pending() {
    return (await this.world.get("/approvals")).approvals.length;
  }

  /** Waits until the page has heard that so many requests wait. */
  async count(words) {
    await until(async () => (await this.root.innerText()).includes(words), async () => `${words}, not ${await this.root.innerText()}`);
  }
}

/** What the hook told its client of a tool; nothing when it was left to the terminal. */
export async function printed(client) {
  return (await output(client))?.decision ?? "";
}

/** What the hook told its client. */
export async function output(client) {
  const late = new Promise((_, fail) => setTimeout(() => fail(new Error("the hook was told nothing")), PATIENCE).unref());
  const out = await Promise.race([client.request.done, late]);
  return out && JSON.parse(out).hookSpecificOutput;
}
