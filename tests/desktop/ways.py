"""Ways to terminals: from the menu, the popup and the command line to the very pane, its window raised."""

import json
import subprocess

from popup import focus
from session import PATIENCE, wait


class Multiplexer:
    """A tmux server whose clients sit in xterm windows of the desktop."""

    def __init__(self, desktop, name):
        self.desktop, self.socket, self.windows = desktop, desktop.path(f"tmux-{name}"), []
        # A child, which ends with the desktop: one that leaves the family would stay.
        desktop.start("tmux", "-f", "/dev/null", "-D", "-S", self.socket)
        answers = ["tmux", "-S", self.socket, "show-options", "-g"]
        wait(lambda: subprocess.run(answers, capture_output=True).returncode == 0, "tmux answers")
        self.tmux("new-session", "-d", "-s", "first", "sleep 1000")

    def tmux(self, *arguments):
        env = {name: value for name, value in self.desktop.env.items() if not name.startswith("TMUX")}
        command = ["tmux", "-f", "/dev/null", "-S", self.socket, *arguments]
        done = subprocess.run(command, env=env, capture_output=True, text=True)
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout.strip()

    def pane(self, session):
        """A pane in a session of its own: its id, and what runs in it."""
        told = self.tmux("new-session", "-d", "-P", "-F", "#{pane_id} #{pane_pid}", "-s", session, "sleep 1000")
        return told.split()

    def window(self, session):
        """A window of the desktop whose terminal is attached to the session."""
        desktop, before = self.desktop, windows(self.desktop)
        desktop.start("xterm", "-geometry", "60x12", "-e", f"env -u TMUX -u TMUX_PANE tmux -S {self.socket} attach -t {session}")
        wait(lambda: session in self.tmux("list-clients", "-F", "#{client_session}").split("\n"), "a client is attached")
        self.windows.append(wait(lambda: list(set(windows(desktop)) - set(before)), "its window")[0])
        return self.windows[-1]

    def end(self):
        """Its windows go with it. X gives their numbers anew: who looks for a new window must not know them."""
        self.tmux("kill-server")
        wait(lambda: not set(self.windows) & set(windows(self.desktop)), "its windows are gone")

    def report(self, pane, session, event, **more):
        number, pid = pane
        env = self.desktop.env | {"TMUX": f"{self.socket},{self.tmux('display-message', '-p', '#{pid}')},0", "TMUX_PANE": number,
                                  "CLAUDE_PID": pid}
        payload = {"session_id": session, "cwd": self.desktop.project, "hook_event_name": event, **more}
        command = [self.desktop.program("ccmon-hook"), *(["--wait"] if event == "PermissionRequest" else [])]
        hook = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, text=True)
        hook.stdin.write(json.dumps(payload))
        hook.stdin.close()
        if event != "PermissionRequest":
            assert hook.wait(PATIENCE) == 0
        self.desktop.children.append(hook)
        return hook

    def shown(self):
        """The panes that clients look at."""
        return self.tmux("list-clients", "-F", "#{pane_id}").split("\n")


def windows(d):
    return d.out("xdotool", "search", "--onlyvisible", "--class", "xterm").split()


def active(d):
    return d.out("xdotool", "getactivewindow")


def activate(d, window):
    d.out("wmctrl", "-i", "-a", hex(int(window)))
    wait(lambda: active(d) == window, "the window has the focus")


def state(d, session):
    sessions = json.loads(d.ccmon("list", "--all", "--json"))["sessions"]
    found = next((s for s in sessions if s["session_id"] == session), None)
    return (found["state"], found["evidence"]["text"]) if found else (None, None)


def elsewhere(d):
    """A terminal that has nothing to do with any session, in front."""
    before = windows(d)
    d.start("xterm", "-geometry", "40x8+700+500", "-e", "sleep 1000")
    other = wait(lambda: list(set(windows(d)) - set(before)), "another window")[0]
    activate(d, other)
    return other


def the_menu_goes_to_the_pane_and_raises_its_window(d):
    from item import Item
    one, two = Multiplexer(d, "one"), Multiplexer(d, "two")
    first, second = one.pane("work"), two.pane("play")
    window_of_one, window_of_two = one.window("first"), two.window("play")
    other = elsewhere(d)
    one.report(first, "menu-one", "Stop")
    two.report(second, "menu-two", "Stop")
    for session in ("menu-one", "menu-two"):
        d.ccmon("tag", session, session)
    item = Item(d)
    for session, window, server, pane in (("menu-two", window_of_two, two, second), ("menu-one", window_of_one, one, first)):
        label = f"checkout-api (fix/refund-rounding) [{session}] – done"
        wait(lambda: any(text == label for _, text in item.menu()), f"{label} is in the menu")
        item.choose(label)
        wait(lambda: active(d) == window, f"the window of {session} is raised")
        assert pane[0] in server.shown(), (session, server.shown())
        wait(lambda: state(d, session)[0] == "idle", "a visit is a look")
    # And back, to the window that was in front.
    d.ccmon("back")
    wait(lambda: active(d) == window_of_two, "back to the window before")
    d.ccmon("back")
    wait(lambda: active(d) == other, "back to the first")


def the_popup_goes_to_the_terminal_that_asks(d):
    server = Multiplexer(d, "popup")
    pane = server.pane("asking")
    window = server.window("asking")
    elsewhere(d)
    hook = server.report(pane, "popup-one", "PermissionRequest", tool_name="Bash", tool_input={"command": "make"})
    focus(d)
    d.out("xdotool", "key", "j")
    wait(lambda: active(d) == window, "J raises the terminal")
    assert hook.poll() is None, "going there decides nothing"
    d.ccmon("deny", d.pending()[0]["id"])
    wait(lambda: hook.poll() is not None, "the hook is answered")
    d.wait_for_no_popup()


def who_looks_at_the_terminal_has_seen(d):
    server = Multiplexer(d, "looking")
    pane, hidden = server.pane("looking"), server.pane("hidden")
    window = server.window("looking")
    activate(d, window)
    server.report(pane, "look-one", "Stop")
    wait(lambda: state(d, "look-one") == ("idle", "Stop, then seen: its terminal has the focus"), "seen at once")
    server.report(hidden, "look-two", "Stop")
    elsewhere(d)
    server.report(pane, "look-one", "UserPromptSubmit", prompt="more")
    server.report(pane, "look-one", "Stop")
    wait(lambda: state(d, "look-one")[0] == "done", "nobody looks")
    activate(d, window)
    wait(lambda: state(d, "look-one")[0] == "idle", "seen when the window comes to the front")
    assert state(d, "look-two")[0] == "done", "its pane is not in view"
    d.ccmon("seen", "look-two")


def a_session_that_nobody_is_attached_to_gets_a_terminal(d):
    server = Multiplexer(d, "alone")
    pane = server.pane("alone")
    server.report(pane, "alone-one", "Stop")
    before = windows(d)
    d.ccmon("jump", "alone-one")
    opened = wait(lambda: list(set(windows(d)) - set(before)), "a terminal opens")[0]
    wait(lambda: active(d) == opened, "and has the focus")
    assert server.shown() == [pane[0]], server.shown()
    server.tmux("kill-server")


TESTS = [the_menu_goes_to_the_pane_and_raises_its_window, the_popup_goes_to_the_terminal_that_asks,
         who_looks_at_the_terminal_has_seen, a_session_that_nobody_is_attached_to_gets_a_terminal]
