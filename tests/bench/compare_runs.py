"""Prints how two runs of the same thing compare: reads two bodies of /runs/{id}/summaries, one a line, from standard input.

A pair agrees when its medians differ by no more than the metric's limit, or when their printed 95 % intervals meet. Exit code 1
when one does not. The control is listed with them: where it moved, the machine did."""
import json
import sys

LIMITS = {"app_cpu_ns_per_request": 0.05, "app_startup_ns": 0.20, "startup_ns": 0.20, "control_ns": None}


def by_key(line):
    return {(s["case"], s.get("phase", ""), s["metric"]): s for s in json.loads(line)["items"]}


def interval(summary):
    ci = summary.get("ci95")
    return f"{ci[0] / 1e3:.1f}-{ci[1] / 1e3:.1f}" if ci else "-"


def verdict(a, b, limit):
    if limit is None:
        return ""
    if abs(b["value"] / a["value"] - 1) <= limit:
        return f"within {limit:.0%}"
    if "ci95" in a and "ci95" in b and a["ci95"][0] <= b["ci95"][1] and b["ci95"][0] <= a["ci95"][1]:
        return "intervals meet"
    return "APART"


first, second = (by_key(line) for line in sys.stdin if line.strip())
print(f"{'case':18} {'phase':20} {'metric':23} {'first µs':>10} {'95 %':>17} {'second µs':>10} {'95 %':>17} {'ratio':>6}  n")
apart = 0
for key, a in first.items():
    case, phase, metric = key
    b = second.get(key)
    if metric not in LIMITS or b is None:
        continue
    said = verdict(a, b, LIMITS[metric])
    apart += said == "APART"
    print(
        f"{case:18} {phase:20} {metric:23} {a['value'] / 1e3:10.1f} {interval(a):>17} {b['value'] / 1e3:10.1f} "
        f"{interval(b):>17} {b['value'] / a['value']:6.3f}  {a['n']}, {b['n']}  {said}"
    )
print(f"{apart} apart")
sys.exit(1 if apart else 0)
