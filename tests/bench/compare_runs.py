"""Prints how two runs of the same thing compare: reads two bodies of /runs/{id}/summaries, one a line, from standard input."""
import json
import sys

METRICS = ("app_cpu_ns_per_request", "app_startup_ns")


def by_key(line):
    return {(s["case"], s.get("phase", ""), s["metric"]): s for s in json.loads(line)["items"]}


def overlap(a, b):
    if "range" not in a or "range" not in b:
        return ""
    (low_a, high_a), (low_b, high_b) = a["range"], b["range"]
    return "ranges overlap" if low_a <= high_b and low_b <= high_a else "ranges apart"


first, second = (by_key(line) for line in sys.stdin if line.strip())
print(f"{'case':24} {'phase':24} {'metric':24} {'first µs':>10} {'second µs':>10} {'ratio':>7}  n")
for key, a in first.items():
    case, phase, metric = key
    b = second.get(key)
    if metric not in METRICS or b is None:
        continue
    ratio = b["value"] / a["value"]
    print(f"{case:24} {phase:24} {metric:24} {a['value'] / 1e3:10.1f} {b['value'] / 1e3:10.1f} {ratio:7.3f}  {a['n']}, {b['n']}  {overlap(a, b)}")
