// One test's world: the real daemon, processes that stand for clients, and the real hook speaking for them.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PROGRAMS = process.env.CCMON_PROGRAMS ?? path.join(ROOT, "target/debug");
const PAYLOADS = path.join(ROOT, "tests/data/payloads");
/** How long anything may take before a test gives up on it, ms. */
export const PATIENCE = 30_000;

const run = promisify(execFile);

/** Waits until `look` gives something, and gives that. */
export async function until(look, what) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) assert.fail(`never: ${typeof what === "function" ? await what() : what}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

/** A recorded payload, with some of it replaced. */
export function payload(name, more = {}) {
  return { ...JSON.parse(fs.readFileSync(path.join(PAYLOADS, `${name}.json`), "utf8")), ...more };
}

export class World {
  /** @param {{config?: string, claude?: string, database?: string, welcome?: boolean}} [how] `claude`: a script in the place of the client; `database`: one to begin with; `welcome`: as at a first start */
  static async open({ config, claude, database, welcome } = {}) {
    const world = new World();
    if (welcome) delete world.env.CCMON_NO_WELCOME;
    if (database) fs.copyFileSync(database, path.join(world.at("state"), "ccmon.db"));
    if (claude) {
      fs.mkdirSync(world.at("home/.local/bin"), { recursive: true });
      fs.writeFileSync(world.at("home/.local/bin/claude"), claude, { mode: 0o755 });
    }
    if (config) fs.writeFileSync(path.join(world.at("config"), "config.toml"), config, { mode: 0o600 });
    await world.start();
    return world;
  }

  constructor() {
    this.directory = fs.mkdtempSync(path.join(os.tmpdir(), "ccmon-page-"));
    for (const name of ["state", "config", "home"]) fs.mkdirSync(this.at(name), { mode: 0o700 });
    // In memory, which the directory may not be.
    this.journal = path.join("/dev/shm", path.basename(this.directory));
    this.children = new Set();
    this.env = {
      PATH: process.env.PATH,
      HOME: this.at("home"),
      CCMON_STATE_DIR: this.at("state"),
      CCMON_CONFIG_DIR: this.at("config"),
      CCMON_SOCKET: this.at("door.sock"),
      CCMON_JOURNAL_DIR: this.journal,
      CCMON_NO_NOTIFY: "1",
      // Who opens the dashboard without an address wants the sessions.
      CCMON_NO_WELCOME: "1",
      LANG: "C.UTF-8",
    };
  }

  at(name) {
    return path.join(this.directory, name);
  }

  /** @param {number} [port] the one to try first: below those that the system gives to whoever calls somewhere */
  async start(port = 20_000 + Math.floor(Math.random() * 12_000)) {
    const log = fs.openSync(this.at("daemon.output"), "a");
    this.daemon = this.child("ccmon", ["daemon", "--port", String(port)], { stdio: ["ignore", log, log] });
    fs.closeSync(log);
    await until(async () => (await this.get("/healthz").catch(() => null))?.status === "ok", () => `the daemon answers\n${this.log()}`);
  }

  /** SIGKILL, or what is told. */
  async kill(signal = "SIGKILL") {
    const ended = new Promise((end) => this.daemon.once("exit", end));
    this.daemon.kill(signal);
    await ended;
  }

  log() {
    return fs.readFileSync(this.at("daemon.output"), "utf8").slice(-4_000);
  }

  async close() {
    for (const child of this.children) child.kill("SIGKILL");
    await Promise.all([...this.children].map((c) => c.exitCode === null && c.signalCode === null && new Promise((end) => c.once("exit", end))));
    for (const directory of [this.directory, this.journal]) fs.rmSync(directory, { recursive: true, force: true });
  }

  child(program, args, { stdio, env = {} } = {}) {
    const file = program.includes("/") ? program : path.join(PROGRAMS, program);
    const child = spawn(file, args, { env: { ...this.env, ...env }, stdio });
    this.children.add(child);
    child.once("exit", () => this.children.delete(child));
    return child;
  }

  /** Runs `ccmon`; its output. */
  async cli(...args) {
    return (await run(path.join(PROGRAMS, "ccmon"), args, { env: this.env })).stdout;
  }

  /** @param {string} method @param {string} where @param {unknown} [body] */
  ask(method, where, body) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const request = http.request({ socketPath: this.env.CCMON_SOCKET, method, path: where, headers: { host: "ccmon", ...(text ? { "content-type": "application/json" } : {}) } }, (answer) => {
        let said = "";
        answer.setEncoding("utf8").on("data", (d) => (said += d));
        answer.on("end", () => resolve({ status: answer.statusCode, body: /json/.test(answer.headers["content-type"] ?? "") ? JSON.parse(said) : said }));
      });
      request.on("error", reject);
      request.end(text);
    });
  }

  async get(where) {
    const { status, body } = await this.ask("GET", where);
    assert.equal(status, 200, `GET ${where}: ${JSON.stringify(body)}`);
    return body;
  }

  /** A process that stands for a client, and its conversation. @param {string} project */
  claude(project, more = {}) {
    const cwd = path.join(this.at("home"), project);
    try {
      fs.mkdirSync(cwd, { recursive: true });
    } catch {
      // A name that no directory can have is as good.
    }
    const process = this.child("/bin/sleep", ["600"], { stdio: "ignore" });
    return new Client(this, process, { session_id: crypto.randomUUID(), cwd, ...more });
  }
}

export class Client {
  constructor(world, process, common) {
    Object.assign(this, { world, process, common });
  }

  hook(args, said) {
    const hook = this.world.child("ccmon-hook", args, { stdio: ["pipe", "pipe", "ignore"], env: { CLAUDE_PID: String(this.process.pid) } });
    hook.stdin.end(JSON.stringify(said));
    let out = "";
    hook.stdout.setEncoding("utf8").on("data", (d) => (out += d));
    return { hook, done: new Promise((end) => hook.once("close", () => end(out))) };
  }

  /** Reports a recorded event. */
  async event(name, more = {}) {
    assert.equal(await this.hook([], payload(name, { ...this.common, ...more })).done, "");
  }

  /** Asks as recorded, and waits until the daemon has it; `done` is what the hook prints. */
  async asks(name, more = {}) {
    const before = new Set((await this.world.get("/approvals")).approvals.map((a) => a.id));
    const said = payload(name, { ...this.common, ...more });
    const { hook, done } = this.hook(["--wait"], said);
    // Others may ask at the same time.
    const pending = async () => (await this.world.get("/approvals")).approvals.find((a) => !before.has(a.id) && a.session_id === said.session_id);
    const approval = await until(pending, () => `a request\n${this.world.log()}`);
    return { approval, hook, done };
  }

  async session() {
    return until(async () => (await this.world.get("/sessions")).sessions.find((s) => s.pid === this.process.pid), "the session is known");
  }

  /** The process is gone, as when its terminal is closed. */
  end() {
    this.process.kill("SIGKILL");
  }
}
