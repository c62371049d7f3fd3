"""The stage of tests/desktop/jump: displays, window managers, and stand-ins for `claude` in terminals."""

import json
import os
import signal
import subprocess

from session import PATIENCE, ROOT, Desktop, wait

LAND = os.path.join(ROOT, "target", "debug", "examples", "land")


class Room(Desktop):
    """A display with a window manager, and stand-ins for `claude` in its terminals."""

    def start_session(self):
        del self.env["TMUX_PANE"]
        self.env.update(SHELL="/bin/sh", TMUX_TMPDIR=self.directory)
        self.start_x()
        self.start_bus()
        self.start("openbox")
        wait(lambda: self.out("wmctrl", "-m"), "a window manager")

    def close(self):
        """Ends the stand-ins first, and with them the servers of multiplexers that a failed test left."""
        for name in os.listdir(self.directory):
            if name.endswith(".pid"):
                pid = self.pid(name[:-4])
                if self.out("ps", "-o", "args=", "-p", pid) == "sleep 600":
                    os.kill(int(pid), signal.SIGKILL)
        super().close()

    def claude(self, name):
        """What a terminal runs instead of `claude`: argv, which leaves its pid in a file."""
        script = self.path(f"claude-{name}")
        with open(script, "w") as file:
            file.write(f'#!/bin/sh\necho $$ > {self.path(name)}.new\nmv {self.path(name)}.new {self.path(name)}.pid\nexec sleep 600\n')
        os.chmod(script, 0o755)
        return script

    def pid(self, name):
        """Of the stand-in, once it runs."""
        def read():
            try:
                return open(self.path(f"{name}.pid")).read().strip()
            except FileNotFoundError:
                return ""
        return wait(read, f"{name} runs")

    def variable(self, name, variable):
        """One of the variables of a stand-in."""
        with open(f"/proc/{self.pid(name)}/environ") as file:
            return dict(entry.split("=", 1) for entry in file.read().split("\0") if "=" in entry)[variable]

    def land(self, name, *more):
        """What came of jumping there."""
        told = self.out("timeout", "20", LAND, self.pid(name), *more)
        assert told, f"land {name} printed nothing"
        return json.loads(told)

    def looks_at(self, name):
        return self.land(name, "--view")["view"]

    def follow(self):
        """Follows the focus; what it returns says how often that changed so far."""
        log = self.path("follow.log")
        with open(log, "wb") as output:
            child = subprocess.Popen([LAND, str(os.getpid()), "--follow"], env=self.env, stdin=subprocess.DEVNULL, stdout=output)
        self.children.append(child)
        lines = lambda: open(log).read().split()
        wait(lambda: "following" in lines(), "the focus is followed")
        return lambda: lines().count("changed")

    def active(self):
        """The active window's number, as the window manager tells."""
        return int(self.out("xdotool", "getactivewindow") or 0)

    def title(self):
        return self.out("xdotool", "getactivewindow", "getwindowname")

    def xterm(self, title, *command):
        child = self.start("xterm", "-T", title, "-e", *command)
        wait(lambda: self.title() == title, f"{title} opens")
        return child

    def tabs(self, *names):
        """A file that tells Konsole to open a tab for each stand-in."""
        with open(self.path("tabs"), "w") as file:
            file.writelines(f"title: {name};; command: {self.claude(name)}\n" for name in names)
        return self.path("tabs")

    def end(self, *children):
        for child in children:
            child.terminate()
        for child in children:
            child.wait(PATIENCE)

    def start_sway(self, settings="", backend="headless"):
        """A compositor without a screen, in place of the X server, or in windows of the one that runs."""
        self.env.update(WLR_BACKENDS=backend, WLR_LIBINPUT_NO_DEVICES="1", WLR_RENDERER="pixman")
        self.env.pop("DISPLAY", None)
        # A file of its own: the other one listens before it has read its settings.
        rules = self.path(f"{backend}.conf")
        with open(rules, "w") as file:
            file.write("xwayland disable\n" + settings)
        runtime = self.env["XDG_RUNTIME_DIR"]
        before = os.listdir(runtime)
        # It refuses to run as root, so there root is called something else.
        renamed = ["unshare", "--user", "--map-user=1000", "--map-group=1000"] if os.getuid() == 0 else []
        sway = self.start(*renamed, "sway", "-c", rules)
        def found(prefix):
            return next((os.path.join(runtime, name) for name in os.listdir(runtime)
                         if name not in before and name.startswith(prefix) and not name.endswith(".lock")), None)
        self.env["SWAYSOCK"] = wait(lambda: found("sway-ipc."), "sway listens")
        self.env["WAYLAND_DISPLAY"] = wait(lambda: found("wayland-"), "a Wayland display")
        wait(lambda: self.out("swaymsg", "-t", "get_version"), "sway has begun")
        return sway

    def focused_in_sway(self, tree=None):
        """The titles of what has the focus, as sway tells: one at most."""
        tree = tree or json.loads(self.out("swaymsg", "-t", "get_tree") or "{}")
        found = [tree["name"]] if tree.get("focused") else []
        children = tree.get("nodes", []) + tree.get("floating_nodes", [])
        return sum((self.focused_in_sway(child) for child in children), found)

    def tmux(self, server, *arguments):
        return self.out("tmux", "-L", server, *arguments)


def landed(told, *parts):
    """The jump came there."""
    assert "landed" in told and all(part in told["landed"] for part in parts), told
    return told


def missed(told, *parts):
    """The jump did not, and says why and what would help."""
    assert "missed" in told and told["help"] and all(part in told["missed"] + told["help"] for part in parts), told
    return told
