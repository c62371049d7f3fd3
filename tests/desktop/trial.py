"""Tests of one desktop after the other: which are wanted, how each went, and what a failed one left."""

import subprocess
import sys
import time
import traceback


def tests(names):
    """The tests among a script's names: functions of a desktop `d` that the script itself defines."""
    found = [value for value in names.values() if callable(value) and getattr(value, "__module__", "") == "__main__"]
    return [value for value in found if getattr(value, "__code__", None) and value.__code__.co_varnames[:1] == ("d",)]


def chosen(names):
    """Those that the command line names; all when it names none."""
    return [test for test in tests(names) if not sys.argv[1:] or test.__name__ in sys.argv[1:]]


def run(d, some, mend, label=""):
    """Starts the tray and tries them; how many failed. `mend` puts right what a failed one left."""
    failed = 0
    try:
        # A notification would be seen as a popup, or lie over it.
        d.env["CCMON_NO_NOTIFY"] = "1"
        d.start_tray()
        d.session()
        for test in some:
            begun = time.monotonic()
            try:
                test(d)
                print(f"ok    {label}{test.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)
            except Exception:
                failed += 1
                print(f"FAIL  {label}{test.__name__}\n{traceback.format_exc()}", flush=True)
                d.shot(f"failed-{test.__name__}.png", armed=False)
                print(subprocess.run(["tail", "-n", "20", d.path("state/daemon.log"), d.path("ccmon-tray.log")],
                                     capture_output=True, text=True).stdout)
                mend(d)
                for approval in d.pending():
                    d.ccmon("deny", approval["id"])
    finally:
        d.close()
    return failed


def end(total, failed):
    print(f"{total - failed} passed, {failed} failed")
    sys.exit(1 if failed or not total else 0)
