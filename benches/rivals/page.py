"""The comparison as a page: a table of every hook and event, what each does for its cost, and bars."""

import math
import os
import statistics
import subprocess

from stage import EVENTS, ROOT

# Most that a hook of ccmon may cost beside /bin/true, and least that the reference must cost beside it.
DEAREST, CHEAPER = 1.3, 30
QUIET = 0.5


def commit():
    said = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True)
    return said.stdout.strip() or "unknown"


def machine():
    with open("/proc/cpuinfo") as file:
        name = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")
    return f"{os.cpu_count()} cores ({name}), Linux {os.uname().release}"


def number(value):
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def page(rows, evidence, missing, run):
    floor = next(row for row in rows if row.rival.name == "/bin/true")
    busy = "" if run["load"] < QUIET else " (**not quiet: the numbers are provisional**)"
    parts = [
        "# What a hook costs a session\n",
        f"- {run['began']:%Y-%m-%d %H:%M %Z}, commit {commit()}\n- {machine()}\n- load before: {run['load']:.2f}{busy}\n"
        f"- {run['rounds']} rounds in turn; network: {'loopback only' if run['cut'] else '**not cut: the system does not allow it**'}\n",
        matrix(rows, floor),
        promises(rows, floor),
        "## Every row\n",
        table(["", "event", "median, ms", "p90, ms", "× /bin/true", "processor, ms"], [
            [row.rival.name, row.event, number(row.median), number(row.p90), number(row.median / floor.median),
             number(statistics.median(row.used))] for row in rows]),
        "## What each does for that\n",
        table(["", "version", "does", "seen of it"],
              [[rival.name, rival.version or "", rival.does, seen] for rival, seen in evidence.items()]),
    ]
    if missing:
        parts += ["Could not be had:\n", table(["", "version", "why"], [[r.name, r.version, why.replace("\n", " ")] for r, why in missing])]
    parts.append("![compare](compare.svg)\n")
    return "\n".join(parts)


def matrix(rows, floor):
    """Median, and how many times /bin/true; a dash where a hook does not listen."""
    names = list(dict.fromkeys(row.rival.name for row in rows))
    cells = {(row.rival.name, row.event): f"{number(row.median)} ms, × {number(row.median / floor.median)}" for row in rows}
    # A floor is the same for every event.
    lines = [[name, *(cells.get((name, event), "–") for event in EVENTS)] for name in names if (name, "Stop") in cells or (name, "PreToolUse") in cells]
    return table(["", *EVENTS], lines)


def promises(rows, floor):
    def of(name):
        medians = [row.median for row in rows if row.rival.name == name and row.event != "PermissionRequest"]
        return statistics.fmean(medians) if medians else None

    ours, lines = of("ccmon"), []
    if ours is None:
        return ""
    verdict = "met" if ours / floor.median <= DEAREST else "MISSED"
    lines.append(f"- an event of ccmon: × {number(ours / floor.median)} /bin/true (promise ≤ {DEAREST}: {verdict})")
    for name in dict.fromkeys(row.rival.name for row in rows if row.rival.name.startswith("Python reference")):
        times = of(name) / ours
        verdict = "met" if times >= CHEAPER else "MISSED"
        lines.append(f"- {name}: {number(times)} × an event of ccmon (promise ≥ {CHEAPER}: {verdict})")
    return "\n".join(lines) + "\n"


def bars(rows):
    """A bar from the median to the left, a thin line to p90; each line to the right is ten times more."""
    left, width, step = 330, 560, 18
    least, most = 0.1, max(row.p90 for row in rows)
    decades = math.ceil(math.log10(most / least))
    x = lambda ms: left + width * math.log10(max(ms, least) / least) / decades
    bottom = 44 + step * len(rows)
    parts = []
    for power in range(decades + 1):
        at = x(least * 10 ** power)
        parts.append(f'<path d="M{at:.1f} 36V{bottom}" stroke="#ddd"/><text x="{at - 14:.1f}" y="{bottom + 16}">{least * 10 ** power:g} ms</text>')
    for place, row in enumerate(rows):
        top, colour = 42 + step * place, "#3060b0" if row.rival.name == "ccmon" else "#999"
        parts.append(
            f'<text x="{left - 6}" y="{top + 10}" text-anchor="end">{row.rival.name}, {row.event}</text>'
            f'<rect x="{left}" y="{top}" width="{x(row.median) - left:.1f}" height="11" fill="{colour}"/>'
            f'<path d="M{x(row.median):.1f} {top + 5.5}H{x(row.p90):.1f}" stroke="{colour}"/>'
            f'<text x="{x(row.p90) + 5:.1f}" y="{top + 10}">{number(row.median)}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="960" height="{bottom + 30}" font-family="sans-serif" font-size="12">'
            '<rect width="100%" height="100%" fill="white"/>'
            f'<text x="10" y="22" font-size="15">A hook, from start to end: median, and the line to p90</text>{"".join(parts)}</svg>\n')
