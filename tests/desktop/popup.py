"""The popup in somebody's hands: requests of any kind, the keyboard given to it, keys, and what comes of them."""

from session import wait


def ask(d, fields, name="one"):
    """A hook that asks as the client would, and its popup on the screen; `{project}` stands for the folder."""
    common = {"session_id": name, "cwd": d.project, "hook_event_name": "PermissionRequest"}
    hook = d.hold({**common, **filled(fields, d.project)})
    d.wait_for_popup()
    return hook


def filled(value, project):
    if isinstance(value, str):
        return value.replace("{project}", project)
    if isinstance(value, list):
        return [filled(item, project) for item in value]
    return {key: filled(item, project) for key, item in value.items()} if isinstance(value, dict) else value


def focus(d):
    """Gives the popup the keyboard, as somebody does who clicks beside its buttons, and waits until it shows its keys."""
    wait(lambda: is_drawn(d), "the popup is drawn")
    before = picture(d)
    def given():
        place = d.popup()
        if place:
            d.out("xdotool", "mousemove", str(place[0] + 60 * d.scale), str(place[1] + 8 * d.scale), "click", "1")
        return d.out("xdotool", "getwindowname", d.out("xdotool", "getwindowfocus") or "none") == "ccmon"
    wait(given, "the popup has the focus")
    wait(lambda: picture(d) != before and is_drawn(d), "the popup shows its keys")


def keys(d, *pressed):
    """Keys by their X names, or ("type", text)."""
    for key in pressed:
        if isinstance(key, tuple):
            d.out("xdotool", "type", "--delay", "10", key[1])
        else:
            d.out("xdotool", "key", key)


def settled_by_keys(d, hook, *pressed):
    """Presses keys until the request is answered; the last one (or a list of them) again and again, as the buttons arm after 400 ms."""
    focus(d)
    keys(d, *pressed[:-1])
    last = pressed[-1] if isinstance(pressed[-1], list) else [pressed[-1]]
    def pressed_last():
        if hook.poll() is None:
            keys(d, *last)
        return hook.poll() is not None
    wait(pressed_last, f"{pressed} answer it")
    return d.answer(hook)


def picture(d):
    """The popup's pixels."""
    x, y, width, height = d.popup() or (0, 0, 0, 0)
    return d.pixels(x, y, width, height) if width else b""


def is_drawn(d):
    """Whether the page stands in the window: many colours, and the same twice."""
    first = picture(d)
    colours = {first[at:at + 3] for at in range(0, len(first), 3 * 7)}
    return len(colours) > 30 and picture(d) == first
