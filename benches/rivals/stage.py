"""Where each rival lives: its own HOME, its own environment, and the payloads that all of them get."""

import ctypes
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Of each kind of event one, as Claude Code sent it; what stands first is what a turn begins with.
EVENTS = {
    "UserPromptSubmit": "UserPromptSubmit-typed",
    "PreToolUse": "PreToolUse-Bash",
    "PostToolUse": "PostToolUse-Bash",
    "PermissionRequest": "PermissionRequest-Bash",
    "Notification": "Notification-permission_prompt",
    "Stop": "Stop-text",
}
START = "SessionStart-startup"
# What was recorded would be asked about; this is let run by everybody who judges, ccmon's own rule included.
RECORDED, COMMAND = "rm -rf node_modules", "git status --short"


class Stage:
    """The scratch directory: what is installed in it, and below `run` what a run leaves behind."""

    def __init__(self, scratch):
        self.scratch = os.path.abspath(scratch)
        self.run = os.path.join(self.scratch, "run")
        shutil.rmtree(self.run, ignore_errors=True)
        # In memory, as `/run/user` is; the scratch directory may not be.
        self.memory = f"/dev/shm/ccmon-compare-{os.getpid()}"
        self.project = self.dir("project")
        # A program that does nothing under the name of one that notifies: nobody pays for a desktop here.
        self.tools = self.dir("tools")
        os.symlink("/bin/true", os.path.join(self.tools, "notify-send"))
        self.children = []
        for name in [*EVENTS.values(), START]:
            self.payload(name)

    def dir(self, *names):
        path = os.path.join(self.run, *names)
        os.makedirs(path, mode=0o700, exist_ok=True)
        return path

    def installed(self, *names):
        return os.path.join(self.scratch, *names)

    def payload(self, name):
        """The recorded payload, in a project that exists and with a transcript that can be read."""
        recorded = os.path.join(ROOT, "tests", "data", "payloads")
        transcript = os.path.join(self.dir(), "transcript.jsonl")
        shutil.copyfile(os.path.join(recorded, "transcript-sample.jsonl"), transcript)
        with open(os.path.join(recorded, name + ".json")) as file:
            text = file.read()
        at = text.index('"transcript_path":"') + len('"transcript_path":"')
        text = text[:at] + transcript + text[text.index('"', at):]
        path = os.path.join(self.dir("payloads"), name)
        with open(path, "w") as file:
            file.write(text.replace("/home/dev/proj", self.project).replace(RECORDED, COMMAND))
        return path

    def env(self, home, *paths, **more):
        path = ":".join([*paths, self.tools, "/usr/local/bin", "/usr/bin", "/bin"])
        # As the client does, which is played by us.
        return {"HOME": home, "PATH": path, "LANG": "C.UTF-8", "TERM": "xterm", "CLAUDE_PID": str(os.getpid()), **more}

    def start(self, argv, env, **how):
        child = subprocess.Popen(argv, env=env, cwd=self.project, stdin=subprocess.DEVNULL, **how)
        self.children.append(child)
        return child

    def close(self):
        for child in reversed(self.children):
            child.terminate()
            child.wait()
        shutil.rmtree(self.run, ignore_errors=True)
        shutil.rmtree(self.memory, ignore_errors=True)


def wait(look, what, seconds=20):
    """Looks until there is something to see."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise TimeoutError(f"never: {what}")


def cut_network():
    """Leaves this process and its children nothing but loopback. False where the system does not allow that."""
    newnet, newuser = 0x40000000, 0x10000000
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(newnet) != 0:
        if libc.unshare(newnet | newuser) != 0:
            return False
        for name, text in [("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")]:
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    up, get, put = 1, 0x8913, 0x8914
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        flags = struct.unpack("16sh", fcntl.ioctl(control, get, struct.pack("16sh", b"lo", 0)))[1]
        fcntl.ioctl(control, put, struct.pack("16sh", b"lo", flags | up))
    return True
