#!/usr/bin/env python3
"""Does `dyno compare` find a known difference, and nothing where there is none?

Compares stacks/examples/orders with a copy of it in which list-orders takes 10 % more CPU time (SLOWER_PERCENT), and with a copy that is
the same, each as often as asked, in turns; prints a Markdown table for daemon/docs/own-service.md. Each comparison is kept as a file in
the folder of results, so that the same command goes on where it was cut off. A dynod of its own is started for it. Nothing else should
run meanwhile.

Usage: tests/bench/versions/run.py [--planted 20] [--same 20] [--results FOLDER] [--bin FOLDER] [--judge-again] [-- options of dyno compare]
The options are --blocks 12 unless others are given. --judge-again asks for what is kept once more, of the same trials: for a change of how they are
compared.
"""
import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request

from daemon import ROOT, Daemon

HERE = pathlib.Path(__file__).resolve().parent
PLANTED = "list-orders"  # the only workload that calls what is slower
METRIC = "app_cpu_ns_per_request"
MDE_PERCENT = 10
DECIDED = ("better", "worse")


def make_sides(folder):
    """orders as it is, twice, and slower."""
    for name in ("before", "same", "planted"):
        side = folder / "sides" / name / "orders"
        shutil.rmtree(side, ignore_errors=True)
        shutil.copytree(ROOT / "stacks/examples/orders", side, ignore=shutil.ignore_patterns("node_modules"))
    file = folder / "sides/planted/orders/stackdyno.yaml"
    text = file.read_text()
    slower = text.replace("run: {port: 3000}", 'run: {port: 3000, env: {SLOWER_PERCENT: "10"}}')
    if slower == text:
        sys.exit(f"{file}: there is no line \"run: {{port: 3000}}\" to plant the difference in")
    file.write_text(slower)


def compare(options, daemon, kind, file):
    """One comparison, kept in `file` once it is whole."""
    sides = [str(options.results / "sides" / side / "orders") for side in ("before", kind)]
    command = [str(options.bin / "dyno"), "--server", daemon.server, "compare", *sides, "-p", "planted", "-o", "json", *options.rest]
    begin = time.monotonic()
    # What it says meanwhile goes to a file beside the result.
    with file.with_suffix(".log").open("w") as said:
        ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=said, text=True)
    if ended.returncode not in (0, 5):
        sys.exit(f"dyno compare ended with {ended.returncode}: see {said.name}")
    keep(file, time.monotonic() - begin, json.loads(ended.stdout))


def judge_again(daemon, file):
    """The comparison that is kept in `file`, of its run's trials as this daemon compares them."""
    kept = json.loads(file.read_text())
    a, b = kept["comparison"]["a"], kept["comparison"]["b"]
    query = urllib.parse.urlencode({"a": a["runs"][0], "b": b["runs"][0], "a_case": a["case"], "b_case": b["case"]})
    with urllib.request.urlopen(f"{daemon.server}/api/v1/compare?{query}") as answer:
        keep(file, kept["seconds"], json.load(answer))


def keep(file, seconds, comparison):
    part = file.with_suffix(".part")
    part.write_text(json.dumps({"seconds": seconds, "comparison": comparison}))
    part.rename(file)


def is_planted(cell):
    return cell.get("phase", "").startswith(PLANTED)


def share(count, of):
    return f"{count} of {of} ({count / of:.1%})" if of else "none"


def spread(values, form, unit=""):
    """Median (minimum to maximum, count)."""
    if not values:
        return "none"
    least, middle, greatest = (format(of(values), form) for of in (min, statistics.median, max))
    return f"{middle}{unit} ({least} to {greatest}, n = {len(values)})"


def row_of_planted(results):
    aimed = [c for r in results for c in r["comparison"]["items"] if is_planted(c) and c["metric"] == METRIC]
    sharp = [c for c in aimed if c.get("mde_percent", MDE_PERCENT + 1) <= MDE_PERCENT]
    effects = [c["ratio"] - 1 for c in aimed if "ratio" in c]
    found = sum(c["decision"] == "worse" for c in sharp)
    return [("planted: comparisons", str(len(results))),
            (f"… whose detectable difference is at most {MDE_PERCENT} %", str(len(sharp))),
            ("… of these found: `worse`", share(found, len(sharp))),
            ("median effect on CPU time per request", spread(effects, "+.1%"))]


def decided(results, wanted):
    cells = [c for r in results for c in r["comparison"]["items"] if c["better"] != "neither" and wanted(c)]
    return share(sum(c["decision"] in DECIDED for c in cells), len(cells))


def table(kept):
    rows = row_of_planted(kept["planted"])
    rows.append(("planted: untouched cells called `worse` or `better`", decided(kept["planted"], lambda c: not is_planted(c))))
    rows.append(("same: comparisons", str(len(kept["same"]))))
    rows.append(("same: cells called `worse` or `better`", decided(kept["same"], lambda c: True)))
    times = [r["seconds"] for results in kept.values() for r in results]
    rows.append(("median wall time of a comparison", spread(times, ".0f", " s")))
    return "\n".join(["| | |", "|---|---:|"] + [f"| {name} | {value} |" for name, value in rows])


def read_options():
    own, rest = sys.argv[1:], ["--blocks", "12"]
    if "--" in own:
        own, rest = own[: own.index("--")], own[own.index("--") + 1:]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--planted", type=int, default=20, help="comparisons with the slower version [20]")
    parser.add_argument("--same", type=int, default=20, help="comparisons with itself [20]")
    parser.add_argument("--results", type=pathlib.Path, default=ROOT / "build/bench/versions", help="where they are kept")
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin", help="the programs")
    parser.add_argument("--judge-again", action="store_true", help="compare the trials of what is kept once more")
    options = parser.parse_args(own)
    options.rest, options.results, options.bin = rest, options.results.resolve(), options.bin.resolve()
    return options


def main():
    options = read_options()
    options.results.mkdir(parents=True, exist_ok=True)
    wanted = {"planted": options.planted, "same": options.same}
    plan = [(kind, options.results / f"{kind}-{number:03}.json")
            for number in range(1, max(wanted.values()) + 1) for kind in wanted if number <= wanted[kind]]
    missing = [step for step in plan if not step[1].exists()]
    if missing or options.judge_again:
        make_sides(options.results)
        with Daemon(options.bin, options.results, HERE / "profiles") as daemon:
            if options.judge_again:
                for _, file in plan:
                    if file.exists():
                        judge_again(daemon, file)
            for kind, file in missing:
                compare(options, daemon, kind, file)
                print(f"{file.name} of {len(plan)} is done", file=sys.stderr)
    kept = {kind: [json.loads(file.read_text()) for of, file in plan if of == kind] for kind in wanted}
    print(table(kept))


if __name__ == "__main__":
    main()
