"""The rivals: how each is installed, what it has Claude Code run for which event, and how it shows that it did its work.

None of their code is kept here: `pip` and `npm` install it into the scratch directory. What Claude Code is to run is taken
from what their installers write, or from their documentation.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import urllib.request

from stage import COMMAND, EVENTS, ROOT, START, wait

HERE = os.path.dirname(os.path.abspath(__file__))
HOOK = os.environ.get("CCMON_HOOK", os.path.join(ROOT, "target", "hook-static", "ccmon-hook"))
PYTHON = shutil.which("python3") or sys.executable


class Rival:
    """One of them. `does` is what it gives for its cost; `hooks` are the commands by the event that they are for."""

    name = version = does = ""
    package = None

    def __init__(self, stage):
        self.stage = stage
        self.home = stage.dir("homes", type(self).__name__)
        self.hooks = {}

    def install(self):
        """From its registry, unless that was done before."""

    def prepare(self):
        """Ready to be run, as its user has it."""

    def evidence(self):
        """What can be seen of its work after all runs."""
        return ""

    def finish(self):
        """Ends what it has started beside us."""

    def env(self):
        return self.stage.env(self.home)

    def once(self, event):
        """What the hook says to one event."""
        with open(self.stage.payload(EVENTS.get(event, event))) as payload:
            done = subprocess.run(self.hooks[event], env=self.env(), cwd=self.stage.project, stdin=payload, capture_output=True,
                                  text=True, timeout=30)
        if done.returncode:
            raise RuntimeError(f"{self.name}, {event}: {done.stderr.strip() or done.returncode}")
        return done.stdout


class OfPyPI(Rival):
    """In a virtual environment of its own."""

    @property
    def bin(self):
        return self.stage.installed(self.package, "bin")

    def install(self):
        if not os.path.exists(os.path.join(self.bin, self.package)):
            root = self.stage.installed(self.package)
            shutil.rmtree(root, ignore_errors=True)
            subprocess.run([PYTHON, "-m", "venv", root], check=True)
            subprocess.run([os.path.join(self.bin, "pip"), "install", "-q", f"{self.package}=={self.version}"], check=True)

    def env(self):
        return self.stage.env(self.home, self.bin)


class Ccmon(Rival):
    """The released programs of this tree."""

    name, package = "ccmon", "ccmon"
    does = "acknowledged once the event survives the daemon; then folded into the session's state and committed to SQLite"

    def prepare(self):
        programs = os.environ.get("CCMON_PROGRAMS", os.path.join(ROOT, "target", "release"))
        self.ccmon = os.path.join(programs, "ccmon")
        for program, how in [(self.ccmon, "cargo build --release --bin ccmon --no-default-features"), (HOOK, "packaging/build-hook")]:
            if not os.path.exists(program):
                raise FileNotFoundError(f"{program} is missing: {how}")
        self.version = self.say("--version").split()[1]
        self.stage.start([self.ccmon, "daemon", "--port", "0"], self.env(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait(lambda: subprocess.run([self.ccmon, "status"], env=self.env(), capture_output=True).returncode == 0, "ccmon answers")
        self.say("rules", "add", COMMAND)
        self.hooks = {event: [HOOK] for event in EVENTS}
        self.hooks["PermissionRequest"] = [HOOK, "--wait"]

    def say(self, *words):
        return subprocess.run([self.ccmon, *words], env=self.env(), check=True, capture_output=True, text=True).stdout

    def env(self):
        return self.stage.env(self.home, CCMON_SOCKET=os.path.join(self.home, "door.sock"), CCMON_JOURNAL_DIR=self.stage.memory)

    def evidence(self):
        # Whoever looks sees what hooks were told is kept: the last of it is in the database then.
        self.say("status")
        database = os.path.join(self.home, ".local", "state", "ccmon", "ccmon.db")
        decided = json.loads(self.once("PermissionRequest"))["hookSpecificOutput"]["decision"]["behavior"]
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
            stored = db.execute("SELECT count(hook_id) FROM events").fetchone()[0]
        return f"{stored} events stored, requests answered \"{decided}\" by a rule"


class Reference(Rival):
    """Ours: the least that a hook in Python can do which reports to a server."""

    name, word = "Python reference, urllib", "usual"
    version = "{}.{}.{}".format(*sys.version_info)
    does = "posts the event as JSON over HTTP to a local server that answers at once and stores nothing"

    def prepare(self):
        server = self.stage.start([PYTHON, os.path.join(HERE, "reference_server.py")], self.env(), stdout=subprocess.PIPE, text=True)
        self.port = server.stdout.readline().strip()
        self.hooks = {event: [PYTHON, os.path.join(HERE, "reference_hook.py"), self.word] for event in EVENTS}

    def env(self):
        return self.stage.env(self.home, REFERENCE_PORT=getattr(self, "port", ""))

    def evidence(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/") as answer:
            return f"{answer.read().decode()} events posted"


class LeanReference(Reference):
    """The same with the module that loads faster."""

    name, word = "Python reference, http.client", "lean"


class Hcom(OfPyPI):
    """Written in Rust; works only in sessions that were started with `hcom` in front, so one is, with a `claude` that sleeps."""

    name = package = "hcom"
    version = "0.7.31"
    does = "records the status in SQLite, and hands the agent messages of others"
    words = {"UserPromptSubmit": "userpromptsubmit", "PreToolUse": "pre", "PostToolUse": "post",
             "PermissionRequest": "permission-request", "Notification": "notify", "Stop": "poll"}

    def prepare(self):
        tools, told = self.stage.dir("fake-claude"), os.path.join(self.home, "told")
        claude = os.path.join(tools, "claude")
        with open(claude, "w") as file:
            file.write(f"#!/bin/sh\nenv -0 >'{told}.new'\nmv '{told}.new' '{told}'\nexec sleep 900\n")
        os.chmod(claude, 0o755)
        env = self.stage.env(self.home, tools, self.bin)
        subprocess.run([self.hcom, "1", "claude", "--headless"], env=env, cwd=self.stage.project, check=True, capture_output=True, timeout=60)
        wait(lambda: os.path.exists(told), "hcom starts its claude")
        with open(told) as file:
            self.told = dict(entry.split("=", 1) for entry in file.read().split("\0") if "=" in entry)
        self.hooks = {event: [self.hcom, word] for event, word in self.words.items()}
        self.hooks[START] = [self.hcom, "sessionstart"]
        if "additionalContext" not in self.once(START):
            raise RuntimeError("hcom does not take the session as one of its own")

    @property
    def hcom(self):
        return os.path.join(self.bin, "hcom")

    def env(self):
        return {**self.told, "CLAUDE_PID": str(os.getpid())}

    def evidence(self):
        said = subprocess.run([self.hcom, "list"], env=self.stage.env(self.home, self.bin), capture_output=True, text=True).stdout
        return "its list: " + next((line.strip() for line in said.splitlines() if "[headless]" in line), "nobody")

    def finish(self):
        subprocess.run([self.hcom, "kill", "all"], env=self.stage.env(self.home, self.bin), capture_output=True)


class TmuxHop(OfPyPI):
    """In a pane of a tmux server of its own."""

    name = package = "claude-tmux-hop"
    version = "0.2.5"
    does = "marks the tmux pane as active, waiting or idle; its plugin starts it through bash, here it is started directly"

    def prepare(self):
        self.socket = os.path.join(self.home, "tmux")
        self.tmux("new-session", "-d", "-x", "80", "-y", "24", "sleep 3600")
        self.pane = self.tmux("display-message", "-p", "#{pane_id}")
        hop = os.path.join(self.bin, self.package)
        states = {"UserPromptSubmit": "active", "Notification": "waiting", "Stop": "idle"}
        self.hooks = {event: [hop, "register", "--state", state] for event, state in states.items()}

    def tmux(self, *words):
        env = self.stage.env(self.home)
        return subprocess.run(["tmux", "-S", self.socket, *words], env=env, check=True, capture_output=True, text=True).stdout.strip()

    def env(self):
        return self.stage.env(self.home, self.bin, TMUX=f"{self.socket},1,0", TMUX_PANE=self.pane)

    def evidence(self):
        self.once("Notification")
        options = self.tmux("show-options", "-p", "-t", self.pane)
        return "the pane's options: " + ", ".join(options.split("\n")[:3])

    def finish(self):
        self.tmux("kill-server")


class CodeNotify(OfPyPI):
    """It finds a `notify-send` that does nothing."""

    name = package = "claude-code-notify"
    version = "1.0.3"
    does = "runs `notify-send` with the last message of the transcript; here that does nothing"
    log = "/tmp/claude_code_notify_debug.log"

    def prepare(self):
        self.begun = os.path.exists(self.log)
        self.hooks = {event: [os.path.join(self.bin, self.package)] for event in ["Notification", "Stop"]}

    def evidence(self):
        with open(self.log) as file:
            lines = sum("parsed payload" in line for line in file)
        if not self.begun:
            os.remove(self.log)
        return f"its log: {lines} payloads read"


class Nah(OfPyPI):
    """As `nah install claude` sets it up."""

    name = package = "nah"
    version = "0.11.0"
    does = "judges the tool call by its own rules before it runs, and looks at what came of it afterwards"

    def prepare(self):
        nah = os.path.join(self.bin, "nah")
        claude = os.path.join(self.home, ".claude")
        os.mkdir(claude)
        subprocess.run([nah, "install", "claude"], env=self.env(), cwd=self.stage.project, check=True, capture_output=True)
        with open(os.path.join(claude, "settings.json")) as file:
            listens = json.load(file)["hooks"]
        self.hooks = {event: [nah, "_claude-hook"] for event in EVENTS if event in listens}

    def evidence(self):
        return "to the tool call: " + decision(self.once("PreToolUse"))


class SafetyNet(Rival):
    """From npm, and started as its plugin does."""

    name = package = "cc-safety-net"
    version = "2.4.5"
    does = "judges the tool call by its own rules before it runs"

    @property
    def root(self):
        return self.stage.installed(self.package)

    def install(self):
        if not os.path.exists(os.path.join(self.root, "node_modules", self.package)):
            os.makedirs(self.root, exist_ok=True)
            words = ["install", "--silent", "--no-save", "--prefix", self.root, f"{self.package}@{self.version}"]
            subprocess.run(["npm", *words], check=True)

    def prepare(self):
        program = os.path.join(self.root, "node_modules", self.package, "dist", "bin", "cc-safety-net.js")
        self.hooks = {"PreToolUse": [shutil.which("node"), program, "hook", "--coding-cli"]}

    def evidence(self):
        return "to the tool call: " + decision(self.once("PreToolUse"))


def decision(said):
    """What a guard answers before a tool runs; silence lets it run."""
    output = json.loads(said)["hookSpecificOutput"] if said.strip() else {}
    return output.get("permissionDecision", "nothing, so that it runs")


class Floor(Rival):
    """What a process costs that does nothing."""

    def __init__(self, stage, name, argv, does):
        super().__init__(stage)
        self.name, self.argv, self.does = name, argv, does

    def prepare(self):
        self.hooks = {event: self.argv for event in ["PreToolUse"]}


class BareSocket(Floor):
    """What our hook costs when nothing is done for it: the rest is the daemon's."""

    def __init__(self, stage):
        super().__init__(stage, "ccmon's hook, bare socket", [HOOK], "the same hook, and a server that answers at once")

    def prepare(self):
        socket = self.env()["CCMON_SOCKET"]
        self.stage.start([PYTHON, os.path.join(HERE, "bare_socket.py"), socket], self.env())
        wait(lambda: os.path.exists(socket), "the bare socket is there")
        super().prepare()

    def env(self):
        return self.stage.env(self.home, CCMON_SOCKET=os.path.join(self.home, "door.sock"))


def floors(stage):
    node = shutil.which("node")
    rows = [("/bin/true", ["/bin/true"], "nothing"), ("python3", [PYTHON, "-c", "pass"], "starts Python, and nothing else")]
    if node:
        rows.append(("node", [node, "-e", "0"], "starts Node, and nothing else"))
    return [*(Floor(stage, *row) for row in rows), BareSocket(stage)]


ALL = [Ccmon, Reference, LeanReference, Hcom, TmuxHop, CodeNotify, Nah, SafetyNet]
