#!/usr/bin/python3
"""A stand-in for logind on a system bus of its own: one session, whose properties are JSON lines on the way in."""

import json

import dbus
import dbus.bus
import dbus.service
from stand_in import live

MANAGER, SESSION, PROPERTIES = "org.freedesktop.login1.Manager", "org.freedesktop.login1.Session", "org.freedesktop.DBus.Properties"


class Session(dbus.service.Object):
    facts = {"Active": True, "LockedHint": False, "IdleHint": False}

    @dbus.service.method(PROPERTIES, in_signature="s", out_signature="a{sv}")
    def GetAll(self, interface):
        return self.facts if interface == SESSION else {}

    @dbus.service.signal(PROPERTIES, signature="sa{sv}as")
    def PropertiesChanged(self, interface, changed, invalidated):
        pass

    def take(self, line):
        changed = json.loads(line)
        self.facts.update(changed)
        self.PropertiesChanged(SESSION, changed, [])


class Manager(dbus.service.Object):
    @dbus.service.method(MANAGER, in_signature="s", out_signature="o")
    def GetSession(self, name):
        if name != "c1":
            raise dbus.DBusException("no such session", name="org.freedesktop.login1.NoSuchSession")
        return dbus.ObjectPath("/org/freedesktop/login1/session/c1")


bus = dbus.SystemBus()
name = dbus.service.BusName("org.freedesktop.login1", bus)
manager = Manager(bus, "/org/freedesktop/login1")
live(Session(bus, "/org/freedesktop/login1/session/c1").take)
