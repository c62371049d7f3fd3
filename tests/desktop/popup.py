"""The popup in somebody's hands: requests of any kind, the keyboard given to it, keys, and what comes of them."""

from session import MOMENT, wait, within


def ask(d, fields, name="one"):
    """A hook that asks as the client would, and its popup on the screen; `{project}` stands for the folder."""
    # One that still has the keyboard keeps it.
    d.wait_for_no_popup()
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
    # Or what changes below might be that the page is drawn, and a key that comes before it counts does nothing.
    wait(lambda: is_filled(d), "the popup is drawn, and its buttons armed")
    before = hints(d)
    def has_it():
        return d.out("xdotool", "getwindowname", d.out("xdotool", "getwindowfocus") or "none") == "ccmon"
    def given():
        x, y, _, _ = d.wait_for_popup()
        d.out("xdotool", "mousemove", str(x + 60 * d.scale), str(y + 8 * d.scale), "click", "1")
        return within(has_it, MOMENT)
    wait(given, "the popup has the focus")
    wait(lambda: hints(d) not in (before, b""), "the popup shows its keys")


def is_filled(d):
    """Whether the buttons count, whatever the kind of the request: one in the middle, beside Approve, is filled then."""
    x, y, _, height = d.popup() or (0, 0, 0, 0)
    above, below = 69, 39
    column = d.pixels(x + 225 * d.scale, y + height - above * d.scale, 1, (above - below) * d.scale + 1) if height else b""
    return column[:3] != column[-3:]


def hints(d):
    """The lowest row without the time in it: what changes there is that keys are shown."""
    x, y, width, height = d.popup() or (0, 0, 0, 0)
    return d.pixels(x + 10 * d.scale, y + height - 36 * d.scale, 230 * d.scale, 28 * d.scale) if width else b""


def keys(d, *pressed):
    """Keys by their X names, or ("type", text), or ("click", right, down) from the popup's corner."""
    for key in pressed:
        if key[0] == "type":
            d.out("xdotool", "type", "--delay", "10", key[1])
        elif key[0] == "click":
            x, y, _, _ = d.popup()
            d.out("xdotool", "mousemove", str(x + key[1] * d.scale), str(y + key[2] * d.scale), "click", "1")
        else:
            d.out("xdotool", "key", key)


def settled_by_keys(d, hook, *pressed):
    """Gives the popup the keyboard, and presses keys; the last one (or a list of them) again where nothing comes of it: what it
    decides may have to be armed anew, as when another question has come up."""
    focus(d)
    keys(d, *pressed[:-1])
    last = pressed[-1] if isinstance(pressed[-1], list) else [pressed[-1]]
    def pressed_last():
        keys(d, *last)
        return within(lambda: hook.poll() is not None, MOMENT)
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
