"""What all stand-ins on a bus have in common: a line on the way in says what is so from now on, and the end ends them."""

import sys

import dbus.mainloop.glib
from gi.repository import GLib

dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)


def live(take, ready="ready"):
    """Says that it is there, and hands over line after line."""
    loop = GLib.MainLoop()

    def hear(source, _condition):
        line = source.readline()
        if line:
            take(line)
        else:
            loop.quit()
        return bool(line)

    GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, hear)
    print(ready, flush=True)
    loop.run()
