#!/usr/bin/python3
"""A stand-in for a notification server: says what it is to show, and closes or presses what a JSON line on the way in names."""

import json

import dbus
import dbus.service
from stand_in import live

NAME = "org.freedesktop.Notifications"


class Server(dbus.service.Object):
    count = 0

    @dbus.service.method(NAME, in_signature="susssasa{sv}i", out_signature="u")
    def Notify(self, _app, replaces, _icon, summary, body, _actions, _hints, _timeout):
        self.count += 1
        number = int(replaces) or self.count
        print(json.dumps({"number": number, "summary": summary, "body": body}), flush=True)
        return dbus.UInt32(number)

    @dbus.service.method(NAME, in_signature="u")
    def CloseNotification(self, number):
        self.NotificationClosed(number, 3)

    @dbus.service.method(NAME, out_signature="as")
    def GetCapabilities(self):
        return ["actions", "body"]

    @dbus.service.signal(NAME, signature="us")
    def ActionInvoked(self, number, action):
        pass

    @dbus.service.signal(NAME, signature="uu")
    def NotificationClosed(self, number, reason):
        pass

    def take(self, line):
        said = json.loads(line)
        if "press" in said:
            self.ActionInvoked(said["number"], said["press"])
        # Most close what was pressed.
        self.NotificationClosed(said["number"], 2)


name = dbus.service.BusName(NAME, dbus.SessionBus(), do_not_queue=True)
live(Server(name.get_bus(), "/org/freedesktop/Notifications").take, json.dumps("ready"))
