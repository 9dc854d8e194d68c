#!/usr/bin/env python3
"""Prints how a run's ratios between stacks compare with published ones, as a Markdown table for stacks/README.md.

Usage: tests/bench/order_of_magnitude.py [server] [run]; http://127.0.0.1:8080 and the last run that succeeded when not given. The
profile `published` has these phases and no other; `standard` has all of them but db and updates.
Only ratios: other machines, other numbers of CPUs. A factor beyond 3 either way is marked: first a fault to find in the rig or the
stack, then a discovery. Absolute figures follow, then start-up and memory beside bare servers."""
import json
import sys
import urllib.request

# Requests a second as published. TFB: TechEmpower round 23, 56 threads, 40 GbE. HA: HttpArena, August 2026, 64 server threads,
# Node and Python as one process a thread. FB: fastify/benchmarks, July 2026, 4 virtual CPUs.
PUBLISHED = [
    ("TFB plaintext", "plaintext", {"go-fiber": 13.51e6, "go-gin": 1.64e6, "node-fastify": 1.18e6, "node-express": 280e3}),
    ("TFB json", "json", {"go-fiber": 2.48e6, "node-express": 301e3}),
    ("HA small GET", "json", {"go-fiber": 1.09e6, "node-fastify": 738e3, "go-gin": 521e3, "go-nethttp": 519e3,
                              "python-fastapi": 315e3, "python-django": 30e3}),
    ("FB", "json", {"node-fastify": 46.9e3, "node-express": 27.8e3}),
    ("HA larger JSON", "items/count25", {"node-fastify": 522e3, "go-fiber": 289e3, "go-nethttp": 260e3, "go-gin": 165e3,
                                         "python-fastapi": 157e3, "python-django": 27e3}),
    ("TFB 1 query", "db", {"go-fiber": 1.00e6, "node-express": 214e3}),
    ("TFB 20 queries", "queries/n20", {"node-express": 62.0e3, "go-fiber": 55.6e3}),
    ("TFB updates", "updates/n20", {"node-express": 50.8e3, "go-fiber": 30.9e3}),
]
SUSPICIOUS = 3


# As on the dashboard.
LIMITS = {"loader": "load generator", "server": "stack CPU", "single_core": "one thread", "waiting": "not CPU"}

def fetch(address):
    with urllib.request.urlopen(address, timeout=30) as answer:
        return json.load(answer)


def last_run(server):
    for run in fetch(f"{server}/api/v1/runs?limit=50")["items"]:
        if run["state"] == "succeeded":
            return run["id"]
    sys.exit(f"{server} has no run that succeeded")


def readings(summaries, metric, workload=None):
    """By stack: the summary of the closed-loop phase of this workload, or of the trials."""
    found = {}
    for item in summaries:
        phase = item.get("phase", "")
        closed = phase.startswith(f"{workload}/c") and "/" not in phase[len(f"{workload}/c") :]
        if item["metric"] == metric and item["case"].endswith("/single") and (closed if workload else not phase):
            found[item["stack"]] = item
    return found


def print_ratios(summaries):
    print("| published | stacks | there | here | here ÷ there | limit here |")
    print("|---|---|---:|---:|---:|---|")
    for source, workload, figures in PUBLISHED:
        ours = readings(summaries, "throughput_per_s", workload)
        (first, top), *others = figures.items()
        for other, figure in others:
            there = top / figure
            if first not in ours or other not in ours:
                print(f"| {source} | {first} / {other} | {there:.2f} | no figure | | |")
                continue
            here = ours[first]["value"] / ours[other]["value"]
            factor = here / there
            mark = " **!**" if not 1 / SUSPICIOUS <= factor <= SUSPICIOUS else ""
            bounds = " / ".join(LIMITS.get(bound, bound) for bound in (ours[name].get("bound", "none") for name in (first, other)))
            print(f"| {source} | {first} / {other} | {there:.2f} | {here:.2f} | {factor:.2f}{mark} | {bounds} |")


def print_figures(summaries):
    workloads = ["plaintext", "json", "items/count25", "users", "db", "queries/n20", "updates/n20", "fortunes", "validate"]
    workloads = [workload for workload in workloads if readings(summaries, "throughput_per_s", workload)]
    columns = [readings(summaries, "throughput_per_s", workload) for workload in workloads]
    columns += [readings(summaries, "app_startup_ns"), readings(summaries, "idle_pss_bytes")]
    print("| stack | " + " | ".join(workloads) + " | start-up | idle PSS |")
    print("|---|" + "---:|" * len(columns))
    for stack in sorted({name for column in columns for name in column}):
        cells = [f"{column[stack]['value'] / 1e3:.2f} k/s" if stack in column else "–" for column in columns[:-2]]
        startup, memory = (column.get(stack) for column in columns[-2:])
        cells.append(f"{startup['value'] / 1e6:.1f} ms" if startup else "–")
        cells.append(f"{memory['value'] / 2**20:.1f} MiB" if memory else "–")
        print(f"| {stack} | " + " | ".join(cells) + " |")


def main():
    server = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
    run = sys.argv[2] if len(sys.argv) > 2 else last_run(server)
    summaries = fetch(f"{server}/api/v1/runs/{run}/summaries")["items"]
    counts = {item["n"] for item in summaries if item["metric"] == "throughput_per_s"}
    print_ratios(summaries)
    print()
    print_figures(summaries)
    print()
    print(f"run {run}, n = {min(counts)} to {max(counts)} phases a cell" if counts else f"run {run}, no phase that counts")


main()
