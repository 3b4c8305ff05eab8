"""Writes the table and the plot of what run.py measured.

usage: report.py RESULTS.json TABLE.md PLOT.svg
"""

import collections
import json
import math
import pathlib
import sys

KINDS = {
    "steady": "Steady state",
    "first": "The first call of a process",
    "resized": "The first call of another size, in a process that has worked on smaller ones",
}
SHORT = {"steady": "steady state", "first": "first call", "resized": "first call of another size"}
TITLES = {"update": "`x = x*a + b`", "ops4": "4 operations", "ops12": "12 operations", "softmax": "softmax of rows"}


def seconds(value: float | None) -> str:
    if value is None:
        return "-"
    for unit, scale in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def table(times: dict, work: str, kind: str) -> str:
    libraries = list(dict.fromkeys(library for w, library, _, k in times if w == work and k == kind))
    sizes = sorted({size for w, _, size, k in times if w == work and k == kind})
    lines = ["| size | " + " | ".join(libraries) + " |", "|---" * (len(libraries) + 1) + "|"]
    for size in sizes:
        row = [times.get((work, library, size, kind)) for library in libraries]
        best = min((t for t in row if t is not None), default=None)
        cells = [f"**{seconds(t)}**" if t is not None and t == best else seconds(t) for t in row]
        lines.append(f"| 10^{round(math.log10(size))} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def behind(times: dict) -> list[str]:
    """Where tarry is not the fastest, in words."""
    lines = []
    for (work, library, size, kind), time in times.items():
        own = times.get((work, "tarry", size, kind))
        if library != "tarry" and own is not None and time < own:
            lines.append((work, kind, library, size, own / time))
    grouped = collections.defaultdict(list)
    for work, kind, library, size, ratio in lines:
        grouped[work, kind, library].append(f"10^{round(math.log10(size))} ({ratio:.2g} times)")
    return [f"- {TITLES[work]}, {SHORT[kind]}: {library} at {', '.join(where)}"
            for (work, kind, library), where in sorted(grouped.items(), key=lambda of: list(KINDS).index(of[0][1]))]


def crossings(times: dict) -> list[str]:
    """The size from which tarry is the fastest of the libraries that are compiled ahead, and stays it."""
    lines = []
    for work, title in TITLES.items():
        sizes = sorted({size for w, _, size, _ in times if w == work})
        for library in ("Eigen", "xtensor"):
            slower = [n for n in sizes if times.get((work, library, n, "steady"), math.inf) <
                      times.get((work, "tarry", n, "steady"), math.inf)]
            ahead = [n for n in sizes if not slower or n > slower[-1]]
            where = f"from 10^{round(math.log10(ahead[0]))}" if ahead else "nowhere"
            lines.append(f"- {title}: ahead of {library} {where}")
    return lines


def plot(times: dict, path: str) -> None:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "tarry"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(len(KINDS), len(TITLES), figsize=(18, 12), sharex=True)
    libraries = list(dict.fromkeys(library for _, library, _, _ in times))
    for column, work in enumerate(TITLES):
        for line, kind in enumerate(KINDS):
            at = axes[line][column]
            for index, library in enumerate(libraries):
                points = sorted((s, t) for (w, l, s, k), t in times.items() if (w, l, k) == (work, library, kind))
                own = {"color": "black", "linewidth": 2.5, "zorder": 9}
                style = own if library == "tarry" else {"color": f"C{index}"}
                at.loglog(*zip(*points), label=library, **style) if points else None
            at.set_title(f"{TITLES[work].strip('`')}, {SHORT[kind]}")
            at.grid(True, alpha=0.3)
            at.set_ylabel("seconds")
    axes[0][0].legend(fontsize=8)
    for at in axes[-1]:
        at.set_xlabel("elements")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    results, text, picture = sys.argv[1:]
    measured = json.loads(pathlib.Path(results).read_text())
    times = {}
    for row in measured["rows"]:
        for kind in KINDS:
            # Before the smallest size there was none.
            if kind in row and (kind != "resized" or row["size"] > 1):
                times[row["work"], row["library"], row["size"], kind] = row[kind]
    machine = measured["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    out = [
        "# Against other libraries",
        "",
        f"Written by `./tools/peers`, on {machine['cores']} cores of an {machine['processor']}, float32; {versions}, and "
        "Eigen and xtensor from Debian.",
        "",
        f"![seconds over sizes]({pathlib.Path(picture).name})",
        "",
        "**Where tarry is not the fastest**, and how many times slower it is there:",
        "",
        *(behind(times) or ["nowhere"]),
        "",
        "**In steady state, against code compiled ahead of time**:",
        "",
        *crossings(times),
    ]
    failed = [row for row in measured["rows"] if "failed" in row]
    if failed:
        out += ["", "Not measured:", ""]
        out += [f"- {row['library']}, {TITLES[row['work']]}: {row['failed']}" for row in failed]
    for kind, title in KINDS.items():
        for work, name in TITLES.items():
            out += ["", f"## {title}: {name}", "", table(times, work, kind)]
    pathlib.Path(text).write_text("\n".join(out) + "\n")
    plot(times, picture)


main()
