"""A desktop without a screen: X server, session bus, window manager, panel with a tray, and ccmon-tray in it.

Everything lives in one temporary directory and ends with it. Nothing sleeps for luck: `wait` polls a
condition until a deadline, and says what was never true.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
import tomllib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE = 30.0
# What a click or a key does is seen long before that; what it did not do by then it will not do.
MOMENT = 2.0

# Centres of the popup's buttons, from its left and its lower edge: the row never moves.
APPROVE, DENY, STOP = (84, 58), (209, 58), (347, 58)
TERMINAL, LATER = (75, 22), (191, 22)


def wait(condition, never, patience=PATIENCE):
    """What `condition` returns as soon as that is true. `never`, for when it is not, may be made then."""
    found = within(condition, patience)
    if not found:
        raise AssertionError(f"never: {never() if callable(never) else never}")
    return found


def within(condition, patience):
    """What `condition` returns as soon as that is true, or in the end."""
    deadline = time.monotonic() + patience
    while True:
        found = condition()
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.02)


def merged(usual, wanted):
    """The usual settings, and those that are wanted in their place."""
    if not isinstance(usual, dict) or not isinstance(wanted, dict):
        return wanted
    return usual | {key: merged(usual.get(key), value) for key, value in wanted.items()}


class Desktop:
    SCREEN = (1280, 800)

    def __init__(self, dark=False, binaries=None, scale=1):
        # How fine the screen is, and how large the desktop's letters are.
        self.scale, self.zoom = scale, 1
        self.directory = tempfile.mkdtemp(prefix="ccmon-desktop-")
        self.binaries = binaries or os.path.join(ROOT, "target", "debug")
        self.children = []
        runtime, home = self.path("run"), self.path("home")
        for directory in (runtime, home):
            os.makedirs(directory, mode=0o700)
        self.env = {
            "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": home, "XDG_RUNTIME_DIR": runtime,
            "XDG_CURRENT_DESKTOP": "XFCE", "NO_AT_BRIDGE": "1", "LIBGL_ALWAYS_SOFTWARE": "1",
            "GDK_SCALE": str(scale),
            "CCMON_STATE_DIR": self.path("state"), "CCMON_SOCKET": self.path("door.sock"),
            "CCMON_CONFIG_DIR": self.path("config"), "CCMON_JOURNAL_DIR": self.journal(),
            # Nobody is greeted by a window.
            "CCMON_NO_WELCOME": "1",
            # What opens for a session that nobody is attached to.
            "TERMINAL": "xterm",
            # As inside tmux: where the sessions of these tests say they are.
            "TMUX_PANE": "%3",
        }
        self.project = self.repository()
        self.prefer_dark(dark)
        try:
            self.start_session()
        except BaseException:
            self.close()
            raise

    def start_session(self):
        self.start_x()
        self.start_bus()
        self.start("openbox")
        wait(lambda: self.out("wmctrl", "-m"), "a window manager")
        self.out("xsetroot", "-solid", "#2f3e4e")
        self.start_panel()

    def path(self, name):
        return os.path.join(self.directory, name)

    def repository(self):
        """A project on a branch, for sessions to work in."""
        project = os.path.join(self.env["HOME"], "src", "checkout-api")
        os.makedirs(os.path.join(project, ".git"))
        with open(os.path.join(project, ".git", "HEAD"), "w") as head:
            head.write("ref: refs/heads/fix/refund-rounding\n")
        return project

    def prefer_dark(self, dark):
        directory = os.path.join(self.env["HOME"], ".config", "gtk-3.0")
        os.makedirs(directory, exist_ok=True)
        with open(os.path.join(directory, "settings.ini"), "w") as settings:
            settings.write(f"[Settings]\ngtk-application-prefer-dark-theme={int(dark)}\n")

    def start_x(self):
        read, write = os.pipe()
        width, height = (side * self.scale for side in self.SCREEN)
        # Or it begins anew whenever its last client goes: who asks whether there is a window manager would end the one
        # that is on its way, and what xrandr says would end with it.
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"]
        self.children.append(subprocess.Popen(command, pass_fds=[write], stdin=subprocess.DEVNULL,
                                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.env))
        os.close(write)
        with os.fdopen(read) as number:
            self.env["DISPLAY"] = f":{number.readline().strip()}"

    def start_bus(self):
        command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
        bus = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=self.env)
        self.children.append(bus)
        self.env["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()

    def start_panel(self):
        self.panel = self.start("xfce4-panel", "--disable-wm-check")

    def start(self, *command, **more):
        log = open(self.path(f"{os.path.basename(command[0])}.log"), "ab")
        child = subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **more)
        self.children.append(child)
        return child

    def out(self, *command):
        done = subprocess.run(command, env=self.env, capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else ""

    # ccmon

    def program(self, name):
        return os.path.join(self.binaries, name)

    def start_tray(self):
        self.tray = self.start(self.program("ccmon-tray"))
        wait(lambda: self.ccmon("status"), "the tray's daemon answers")
        return self.tray

    def settings(self, text):
        """Settings as an editor writes them, and the daemon, if one runs, has taken them."""
        os.makedirs(self.path("config"), mode=0o700, exist_ok=True)
        with open(self.path("config/config.toml"), "w") as file:
            file.write(text)
        wait(lambda: self.goes_by(tomllib.loads(text)), f"the daemon goes by {text!r}")

    def goes_by(self, wanted):
        """Whether a daemon that runs has these settings, and the usual ones otherwise."""
        told = self.out("curl", "-s", "--unix-socket", self.env["CCMON_SOCKET"], "http://ccmon/settings")
        told = told and json.loads(told)
        return not told or told["values"] == merged(told["defaults"], wanted)

    def ccmon(self, *arguments):
        return self.out(self.program("ccmon"), *arguments)

    def pending(self):
        """What waits. A command that failed, as it may where much runs, did not say that nothing does."""
        listed = wait(lambda: self.ccmon("approvals", "--json"), "what waits is listed")
        return json.loads(listed)["approvals"]

    def settle(self):
        """Nothing waits any more."""
        for approval in self.pending():
            self.ccmon("deny", approval["id"])
        wait(lambda: not self.pending(), "nothing is pending")
        self.wait_for_no_popup()

    def event(self, payload):
        subprocess.run([self.program("ccmon-hook")], input=json.dumps(payload).encode(), env=self.env, check=True)

    def session(self, name="one"):
        """A session: the popup's page is loaded from then on, as with a real one."""
        self.event({"session_id": name, "cwd": self.project, "hook_event_name": "SessionStart", "source": "startup"})
        self.event({"session_id": name, "cwd": self.project, "hook_event_name": "UserPromptSubmit",
                    "prompt": "The refund of a split payment is off by one cent. Find out why, and show me a failing test first."})

    def ask(self, command, name="one", **more):
        """A hook that asks for a command and waits."""
        return self.hold({"session_id": name, "cwd": self.project, "hook_event_name": "PermissionRequest", "tool_name": "Bash",
                          "tool_input": {"command": command, "description": "Run the refund tests"}, **more})

    def hold(self, payload):
        """A hook that waits for an answer."""
        hook = subprocess.Popen([self.program("ccmon-hook"), "--wait"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                env=self.env, text=True)
        self.children.append(hook)
        hook.stdin.write(json.dumps(payload))
        hook.stdin.close()
        return hook

    def answer(self, hook):
        """What the hook printed, as the decision in it (or all of the answer to an elicitation); None when it printed nothing."""
        wait(lambda: hook.poll() is not None, "the hook is answered")
        assert hook.returncode == 0, hook.returncode
        printed = hook.stdout.read()
        if not printed:
            return None
        said = json.loads(printed)["hookSpecificOutput"]
        said.pop("hookEventName")
        return said.get("decision", said)

    # What is on the screen

    def popup(self):
        """The visible popup's (x, y, width, height)."""
        ids = self.out("xdotool", "search", "--onlyvisible", "--name", "^ccmon$").split()
        if not ids:
            return None
        shell = dict(line.split("=") for line in self.out("xdotool", "getwindowgeometry", "--shell", ids[0]).split() if "=" in line)
        return tuple(int(shell[key]) for key in ("X", "Y", "WIDTH", "HEIGHT")) if "X" in shell else None

    def wait_for_popup(self):
        return wait(self.popup, "the popup is on the screen")

    def wait_for_no_popup(self):
        wait(lambda: not self.popup(), "the popup is gone")

    def wait_until_armed(self):
        """The buttons count from the moment they are filled: Approve is blue, or at high risk edged in red."""
        wait(self.is_armed, "the buttons are armed")

    def is_armed(self):
        return self.approve_is_blue() or self.approve_is_red()

    def approve_is_blue(self):
        red, _, blue = self.approve_pixels(APPROVE[0] - 60, 8, 1)[:3]
        return blue > 150 and blue > red + 80

    def approve_is_red(self):
        """Its edge, two pixels wide."""
        row = self.approve_pixels(10, 0, 8)
        return any(red > green + 80 and red > blue + 80 for red, green, blue in zip(row[::3], row[1::3], row[2::3]))

    def approve_pixels(self, left, above, width):
        """Of the Approve button: from the popup's left edge, above the button's middle."""
        x, y, _, height = self.popup() or (0, 0, 0, 0)
        found = self.pixels(x + self.wide(left), y + height - self.wide(APPROVE[1] + above), width, 1) if height else b""
        return found if len(found) >= 3 * width else bytes(3 * width)

    def wide(self, side):
        """So many pixels of a page, in those of the screen."""
        return round(side * self.scale * self.zoom)

    def click(self, button):
        self.click_in(self.wait_for_popup(), button)

    def click_in(self, place, button):
        x, y, _, height = place
        self.out("xdotool", "mousemove", str(x + self.wide(button[0])), str(y + height - self.wide(button[1])), "click", "1")

    def click_until(self, button, done, what):
        """Clicks once the buttons count: before, the popup may still be getting its size and its place. Clicks again where
        nothing comes of it: what was seen was another request, or about to go."""
        self.wait_until_armed()
        def clicked():
            place = self.popup()
            if place and self.is_armed():
                self.click_in(place, button)
            return within(done, MOMENT)
        wait(clicked, what)

    def tooltips(self):
        """How many windows of the tray's there are besides popup and dashboard."""
        windows = self.out("xdotool", "search", "--onlyvisible", "--class", "^ccmon-tray$").split()
        return sum(self.out("xdotool", "getwindowname", window) == "ccmon-tray" for window in windows)

    def dashboard(self):
        """The dashboard's window; there is never more than one."""
        windows = self.out("xdotool", "search", "--onlyvisible", "--name", "ccmon dashboard|· ccmon$").split()
        assert len(windows) <= 1, windows
        return windows[0] if windows else None

    def dashboard_title(self):
        return self.out("xdotool", "getwindowname", self.dashboard() or "none")

    def dashboard_pixels(self, left, top, width, height):
        shell = self.out("xdotool", "getwindowgeometry", "--shell", self.dashboard() or "none").split()
        place = dict(line.split("=") for line in shell if "=" in line)
        return self.pixels(int(place["X"]) + left, int(place["Y"]) + top, width, height) if "X" in place else b""

    def dashboard_ground(self):
        """The colour behind the page."""
        return tuple(self.dashboard_pixels(4, 300, 1, 1))

    def dashboard_is_drawn(self):
        """Whether there is more than a ground in it."""
        found = self.dashboard_pixels(0, 0, 600, 400)
        return len({found[at:at + 3] for at in range(0, len(found), 3)}) > 40

    def shot(self, name, armed=True):
        if armed and self.popup():
            self.wait_until_armed()
        directory = os.path.join(ROOT, "target", "desktop")
        os.makedirs(directory, exist_ok=True)
        self.out("import", "-window", "root", os.path.join(directory, name))

    def pixels(self, x, y, width, height):
        """The pixels of a part of the screen."""
        return subprocess.run(["import", "-window", "root", "-crop", f"{width}x{height}+{x}+{y}", "-depth", "8", "rgb:-"],
                              env=self.env, capture_output=True, check=True).stdout

    def journal(self):
        """In memory, which the directory may not be."""
        return os.path.join("/dev/shm", os.path.basename(self.directory))

    def close(self):
        for child in reversed(self.children):
            if child.poll() is None:
                child.terminate()
        for child in self.children:
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        shutil.rmtree(self.directory, ignore_errors=True)
        shutil.rmtree(self.journal(), ignore_errors=True)
