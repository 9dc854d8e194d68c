"""Prints golden_compare.txt: what SciPy and NumPy, an independent package, make of two runs, from the CSV that the daemon exports.

    python3 -m venv v && v/bin/pip install scipy
    curl -s "$DAEMON/api/v1/runs/$OLDER/readings?format=csv" > a.csv    # of tests/data/db/schema_13.db
    curl -s "$DAEMON/api/v1/runs/$NEWER/readings?format=csv" > b.csv
    v/bin/python golden_compare.py a.csv b.csv > golden_compare.txt

`unpaired`: every metric of the two runs. `paired`: the two cases named by the line `cases`, of the newer run. Columns: case, phase ("-": of the
trial), metric, ratio, both ends of its interval, n, detectable difference in per cent.
"""
import collections
import csv
import sys

import numpy as np
import scipy
from scipy import stats

from golden_ranks import pair_effect

# Metrics that are neither good nor bad are not compared unless asked for.
NEITHER = set("""offered_per_s app_cpu_cores service_cpu_cores beside_per_s loader_cpu_ratio loader_lag_p99_ns loader_late_ratio send_error_p50_ns
send_error_p99_ns control_ns little_ratio engine_ns sandbox_ns""".split())
WORK = {"throughput_per_s", "deliveries_per_s", "app_cpu_ns_per_request", "service_cpu_ns_per_request"}
MIDDLE = {"latency_p50_ns", "service_time_p50_ns", "service_time_mean_ns", "delivery_p50_ns"}


def read(path):
    """Values by cell, in the order of the plan, each with its block; and the centre that the side is shown with."""
    cells = collections.OrderedDict()
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            if row["value"] == "" or row["metric"] in NEITHER:
                continue
            place = (row["case"], row["phase"] or "-", row["metric"])
            cells.setdefault(place, []).append((int(row["block"]), float(row["value"]), row["validity"], row["unit"]))
    return cells


def used(cell):
    return [(block, value) for block, value, validity, _ in cell if validity != "invalid"]


def centre(cell):
    """exp(median of the Walsh averages of ln y); the plain median where there is no logarithm, or nothing valid."""
    values = [v for _, v in used(cell)]
    if not values:
        return np.median([v for _, v, _, _ in cell])
    if min(values) <= 0:
        return np.median(values)
    y = np.log(values)
    return np.exp(np.median([(y[i] + y[j]) / 2 for i in range(len(y)) for j in range(i, len(y))]))


def band(place, cell):
    phase, metric, unit = place[1], place[2], cell[0][3]
    if metric in WORK:
        relative, absolute = 0.03, 0
    elif metric in MIDDLE:
        relative, absolute = 0.05, 0
    elif unit == "B":
        relative, absolute = 0.03, 2**20
    elif phase == "-":
        relative, absolute = 0.10, 5e6
    else:
        relative, absolute = 0.15, 0
    value = centre(cell)
    return max(relative, absolute / value) if value > 0 else relative


def rank_sum_interval(a, b):
    """From the exact null distribution: all shifts of b that the two-sided test at 5 % does not reject."""
    differences = np.sort([y - x for x in a for y in b])
    n, m = len(a), len(b)
    c = 0
    while stats.mannwhitneyu(*with_u(n, m, c), alternative="less", method="exact").pvalue <= 0.025:
        c += 1
    return (differences[c - 1], differences[len(differences) - c]) if c > 0 else None


def with_u(n, m, k):
    """Two samples of which k pairs have the first one larger."""
    x, left = [], k
    for i in range(n):
        above = min(m, left)
        left -= above
        x.append(above - 0.5 + (n - i) * 1e-4)
    return x, list(range(m))


def mad(values):
    return stats.median_abs_deviation(values, scale=1.0)


def line(kind, place, ratio, interval, n, mde):
    number = lambda v: "-" if v is None else f"{v:.17g}"
    low, high = (None, None) if interval is None else (np.exp(interval[0]), np.exp(interval[1]))
    print(kind, *place, number(ratio), number(low), number(high), "-" if n is None else n, number(mde))


def resolution(by_spread, interval):
    """What 80 % of such comparisons tell from none: by the spread of the values, or by the width of the interval where that is more."""
    by_interval = 0 if interval is None else (interval[1] - interval[0]) / 2 * (1 + 0.84 / stats.norm.isf(0.025))
    return max(by_spread, by_interval)


def unpaired(place, a, b):
    x, y = [v for _, v in used(a)], [v for _, v in used(b)]
    if not x or not y or min(x + y) <= 0:
        return line("unpaired", place, None, None, None, None)
    lx, ly = np.log(x), np.log(y)
    effect = np.median([q - p for p in lx for q in ly])
    error = lambda v: (1.4826 * mad(v) / np.median(v)) ** 2 / len(v)
    n = min(len(x), len(y))
    interval = rank_sum_interval(lx, ly)
    mde = 100 * (band(place, a) + resolution(3.5 * np.sqrt(error(x) + error(y)), interval)) if n >= 2 else None
    line("unpaired", place, np.exp(effect), interval, n, mde)


def paired(place, a, b):
    blocks = lambda cell: {k: np.median([np.log(v) for j, v in used(cell) if j == k]) for k, _ in used(cell)}
    if not used(a) or not used(b) or min(v for _, v in used(a) + used(b)) <= 0:
        return line("paired", place, None, None, None, None)
    x, y = blocks(a), blocks(b)
    d = [y[k] - x[k] for k in sorted(set(x) & set(y))]
    if not d:
        return line("paired", place, None, None, None, None)
    factor = 4 if len(d) <= 15 else 3.5
    effect, interval = pair_effect([[(x[k], y[k]) for k in sorted(set(x) & set(y))]], 0.025)
    mde = 100 * (band(place, a) + resolution(factor * 1.4826 * mad(d) / np.sqrt(len(d)), interval)) if len(d) >= 2 else None
    line("paired", place, np.exp(effect), interval, len(d), mde)


def main():
    a, b = read(sys.argv[1]), read(sys.argv[2])
    print(f"# SciPy {scipy.__version__}, NumPy {np.__version__}; made by golden_compare.py")
    for place, cell in b.items():
        if place in a:
            unpaired(place, a[place], cell)
    first, second = list(collections.OrderedDict.fromkeys(place[0] for place in b))[:2]
    print("cases", first, second, "-")
    for place, cell in b.items():
        other = (first, *place[1:])
        if place[0] == second and other in b:
            paired(place, b[other], cell)


main()
