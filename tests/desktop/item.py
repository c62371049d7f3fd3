"""The tray icon as a panel sees it: StatusNotifierItem and its menu, over D-Bus."""

import hashlib
import time

import dbus
import dbus.bus
from session import wait

WATCHER, ITEM = "org.kde.StatusNotifierWatcher", "org.kde.StatusNotifierItem"
PROPERTIES, MENU = "org.freedesktop.DBus.Properties", "com.canonical.dbusmenu"
# So long after the words the icon follows, at most, in seconds; and as much again.
FOLLOWS = 0.4


class Item:
    def __init__(self, desktop):
        self.bus = dbus.bus.BusConnection(desktop.env["DBUS_SESSION_BUS_ADDRESS"])

    def find(self):
        """The item's bus name and path; None while it is not registered. One that ended is listed until its panel hears of it."""
        try:
            watcher = dbus.Interface(self.bus.get_object(WATCHER, "/StatusNotifierWatcher"), PROPERTIES)
            items = watcher.Get(WATCHER, "RegisteredStatusNotifierItems")
        except dbus.DBusException:
            return None
        for item in items:
            name, _, path = str(item).partition("/")
            if "StatusNotifierItem" in path and self.bus.name_has_owner(name):
                return name, "/" + path
        return None

    def property(self, name):
        found = self.find()
        if not found:
            return None
        try:
            return dbus.Interface(self.bus.get_object(*found), PROPERTIES).Get(ITEM, name)
        except dbus.DBusException:
            return None

    def icon(self):
        """A hash of the pixels: tells one icon from another."""
        pixmaps = self.property("IconPixmap")
        return hashlib.sha1(bytes(pixmaps[0][2])).hexdigest() if pixmaps else None

    def calm(self):
        """The icon while nothing waits, once it has followed the words."""
        icon, since = None, 0
        def stays():
            nonlocal icon, since
            if not self.tooltip().startswith("All clear") or self.icon() != icon:
                icon, since = self.icon(), time.monotonic()
            return icon if time.monotonic() > since + FOLLOWS else None
        return wait(stays, lambda: f"all is clear: {self.tooltip()}")

    def tooltip(self):
        tip = self.property("ToolTip")
        return str(tip[3] or tip[2]) if tip else ""

    def activate(self):
        found = wait(self.find, "an icon in the panel")
        dbus.Interface(self.bus.get_object(*found), ITEM).Activate(0, 0)

    def menu(self):
        """The menu's lines, submenus included, as (id, label)."""
        found = wait(self.find, "an icon in the panel")
        menu = dbus.Interface(self.bus.get_object(found[0], self.property("Menu")), MENU)
        menu.AboutToShow(0)
        _, (_, _, children) = menu.GetLayout(0, -1, dbus.Array([], signature="s"))
        return [line for child in children for line in lines(child)]

    def choose(self, label):
        """Clicks a line; once more when the menu was made anew between the look and the click."""
        wait(lambda: self.click(label), f"{label} is in the menu")

    def click(self, label):
        number = next((number for number, text in self.menu() if text == label), None)
        if number is None:
            return False
        menu = dbus.Interface(self.bus.get_object(self.find()[0], self.property("Menu")), MENU)
        try:
            menu.Event(number, "clicked", dbus.String("", variant_level=1), dbus.UInt32(0))
        except dbus.DBusException as error:
            if error.get_dbus_name() != "org.freedesktop.DBus.Error.InvalidArgs":
                raise
            return False
        return True


def lines(node):
    number, properties, children = node
    yield int(number), str(properties.get("label", ""))
    for child in children:
        yield from lines(child)


