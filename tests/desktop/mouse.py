"""A mouse for a compositor that has none, by zwlr_virtual_pointer_v1: X has xdotool for that."""

import os
import socket
import struct
import time

MANAGER = "zwlr_virtual_pointer_manager_v1"
# Our objects: the first is always the display.
DISPLAY, REGISTRY, DONE, MADE, MOUSE = 1, 2, 3, 4, 5
LEFT = 0x110


def word(*numbers):
    return b"".join(struct.pack("=I", number) for number in numbers)


def text(what):
    said = what.encode() + b"\0"
    return word(len(said)) + said + bytes(-len(said) % 4)


class Mouse:
    def __init__(self, env, width, height):
        """For screens that are so large together."""
        self.size = width, height
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(os.path.join(env["XDG_RUNTIME_DIR"], env["WAYLAND_DISPLAY"]))
        self.say(DISPLAY, 1, word(REGISTRY))
        self.say(DISPLAY, 0, word(DONE))
        self.say(REGISTRY, 0, word(self.manager()) + text(MANAGER) + word(1, MADE))
        self.say(MADE, 0, word(0, MOUSE))

    def say(self, whom, what, rest=b""):
        self.socket.sendall(word(whom, (8 + len(rest)) << 16 | what) + rest)

    def read(self, size):
        found = b""
        while len(found) < size:
            more = self.socket.recv(size - len(found))
            assert more, "the compositor is gone"
            found += more
        return found

    def manager(self):
        """The number that the compositor has for what makes mice."""
        found = None
        while True:
            whom, what = struct.unpack("=II", self.read(8))
            rest = self.read((what >> 16) - 8)
            if whom == DONE:
                assert found is not None, f"the compositor has no {MANAGER}"
                return found
            if whom == REGISTRY and rest[8:].startswith(MANAGER.encode() + b"\0"):
                found = struct.unpack("=I", rest[:4])[0]

    def now(self):
        return int(time.monotonic() * 1000) & 0xffff_ffff

    def move(self, x, y):
        self.say(MOUSE, 1, word(self.now(), x, y, *self.size))
        self.say(MOUSE, 4)

    def click(self, x, y):
        self.move(x, y)
        for state in (1, 0):
            self.say(MOUSE, 2, word(self.now(), LEFT, state))
            self.say(MOUSE, 4)

    def close(self):
        self.socket.close()
