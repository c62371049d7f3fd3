#!/usr/bin/python3
"""A stand-in for a desktop's portal: whether the desktop is dark, as a number on the way in says."""


import dbus
import dbus.service
from stand_in import live

NAME = "org.freedesktop.portal.Desktop"
SETTINGS = "org.freedesktop.portal.Settings"
ABOUT = ("org.freedesktop.appearance", "color-scheme")


class Portal(dbus.service.Object):
    scheme = dbus.UInt32(0, variant_level=1)

    @dbus.service.method(SETTINGS, in_signature="ss", out_signature="v")
    def Read(self, about, key):
        if (about, key) != ABOUT:
            raise dbus.DBusException("not found", name="org.freedesktop.portal.Error.NotFound")
        # This older of two ways puts a variant into the variant.
        return dbus.UInt32(self.scheme, variant_level=2)

    @dbus.service.signal(SETTINGS, signature="ssv")
    def SettingChanged(self, about, key, value):
        pass

    def take(self, line):
        self.scheme = dbus.UInt32(int(line), variant_level=1)
        # Others change as well, and mean nothing here.
        self.SettingChanged(ABOUT[0], "accent-color", dbus.UInt32(1, variant_level=1))
        self.SettingChanged(*ABOUT, self.scheme)


name = dbus.service.BusName(NAME, dbus.SessionBus(), do_not_queue=True)
live(Portal(name.get_bus(), "/org/freedesktop/portal/desktop").take)
