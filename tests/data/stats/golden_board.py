"""Prints golden_board.txt: what SciPy and NumPy make of the places of a leaderboard, from the CSV that the daemon exports of four nights.

    python3 -m venv v && v/bin/pip install scipy
    v/bin/python golden_board.py make > golden_board.csv    # readings; the test puts them into a database
    v/bin/python golden_board.py golden_board.csv > golden_board.txt

The CSV is `GET /runs/ID/readings?format=csv&metric=throughput_per_s` of each night, oldest first, with the number of the night in place of the trial's
id; the test sees to it that the daemon exports just these rows. Lines: `row PHASE CASE value low high n best worst ratio low high`, "-" where there is
none; the phase `overall` is the geometric mean over both workloads. stack-04 is tuned, so it has no place.
"""
import collections
import csv
import sys

import numpy as np
import scipy
from scipy import stats

from golden_ranks import pair_effect, signed_rank_c, walsh

BAND = 0.03  # of a throughput
ENOUGH = 10  # trials, or nights, for a decision
PHASES = ("json/c64", "fortunes/c64")
TUNED = "stack-04/single"


def make():
    random = np.random.default_rng(20261130)
    level = {0: (20000, 9000), 1: (20300, 9150), 2: (21500, 8800), 3: (21600, 9900), 4: (26000, 12000), 5: (23400, 10800), 6: (24500, 9950)}
    print("night,block,case,stack,phase,metric,unit,value,absent,validity,bound,gates")
    for night in range(1, 5):
        of_night = {which: random.normal(0, 0.05) for which in level}
        for block in range(1, 6):
            shared = random.normal(0, 0.03)
            for which, levels in level.items():
                for phase, centre in zip(PHASES, levels):
                    # The fifth is another one each night.
                    log = np.log(centre) + shared + random.normal(0, 0.012) + (of_night[which] if which == 5 else 0)
                    luck = random.random()
                    validity = "invalid" if luck < 0.03 else "degraded" if luck < 0.1 else "valid"
                    value = float(f"{np.exp(log) * (0.6 if validity == 'invalid' else 1):.7g}")
                    print(f"{night},{block},stack-{which:02}/single,stack-{which:02},{phase},throughput_per_s,1/s,{value:.10g},,{validity},server,")


def read(path):
    """(night, block, value, validity) by phase and case."""
    cells = collections.OrderedDict()
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            one = (int(row["night"]), int(row["block"]), float(row["value"]), row["validity"])
            cells.setdefault(row["phase"], {}).setdefault(row["case"], []).append(one)
    return cells


def by_night(rows):
    nights = {}
    for night, value in rows:
        nights.setdefault(night, []).append(value)
    return [nights[k] for k in sorted(nights)]


def units(rows):
    """The values that count: those of trials, or one of each night where the nights differ."""
    groups = by_night(rows)
    if len(groups) > 1 and stats.kruskal(*groups).pvalue < 0.05:
        return [np.median(walsh(group)) for group in groups]
    return [value for _, value in rows]


def location(rows, tail=0.025):
    values = units(rows)
    all_of_them, c = walsh(values), signed_rank_c(len(values), tail)
    ends = (all_of_them[c - 1], all_of_them[len(all_of_them) - c]) if c > 0 else None
    return np.median(all_of_them), ends, len(values)


def used(cell):
    return [(night, np.log(value)) for night, _, value, validity in cell if validity != "invalid"]


def blocks(cell):
    """ln of what decides, by night and block: valid trials where there are enough of them."""
    valid = [one for one in cell if one[3] == "valid"]
    if len(valid) < ENOUGH:
        valid = [one for one in cell if one[3] != "invalid"]
    places = {}
    for night, block, value, _ in valid:
        places.setdefault((night, block), []).append(np.log(value))
    return {place: np.median(logs) for place, logs in places.items()}


def differences(a, b):
    return [(place[0], b[place] - a[place]) for place in sorted(set(a) & set(b))]


def decided(a, b, pairs):
    _, ends, n = location(differences(a, b), 0.05 / pairs / 2)
    if n < ENOUGH or ends is None:
        return 0
    return 1 if ends[0] > np.log(1 + BAND) else -1 if ends[1] < np.log(1 - BAND) else 0


def ratio_of(a, b):
    """As in a comparison: by night where nights differ, else by what pair_effect finds."""
    rows = differences(a, b)
    if len(units(rows)) < len(rows):
        return location(rows)[:2]
    nights = sorted({place[0] for place in set(a) & set(b)})
    return pair_effect([[(a[p], b[p]) for p in sorted(set(a) & set(b)) if p[0] == night] for night in nights], 0.025)


def board(phase, cells, shows_value):
    value = {case: location(used(cell)) for case, cell in cells.items()}
    samples = {case: blocks(cell) for case, cell in cells.items()}
    order = sorted(cells, key=lambda case: (case == TUNED, -value[case][0]))
    ranked = [case for case in order if case != TUNED]
    pairs = len(ranked) * (len(ranked) - 1) // 2
    signs = {(a, b): decided(samples[a], samples[b], pairs) for a in ranked for b in ranked if a != b}
    number = lambda v: "-" if v is None else f"{v:.17g}"
    ends_of = lambda ends: ("-", "-") if ends is None else tuple(number(np.exp(end)) for end in ends)
    for case in order:
        centre, ends, _ = value[case]
        shown = (number(np.exp(centre)), *ends_of(ends)) if shows_value else ("-", "-", "-")
        better = sum(signs[case, other] > 0 for other in ranked if other != case) if case in ranked else None
        worse = sum(signs[case, other] < 0 for other in ranked if other != case) if case in ranked else None
        rank = ("-", "-") if better is None else (1 + better, len(ranked) - worse)
        ratio, ratio_ends = ratio_of(samples[order[0]], samples[case])
        print("row", phase, case, *shown, len(used(cells[case])), *rank, number(np.exp(ratio)), *ends_of(ratio_ends))


def means(of_phases):
    """The geometric mean of each block that has all workloads."""
    cells = {}
    for case in of_phases[0]:
        samples = [blocks(cells_of[case]) for cells_of in of_phases]
        common = sorted(set.intersection(*(set(one) for one in samples)))
        cells[case] = [(*place, np.exp(np.mean([one[place] for one in samples])), "valid") for place in common]
    return cells


def main():
    if sys.argv[1] == "make":
        return make()
    cells = read(sys.argv[1])
    print(f"# SciPy {scipy.__version__}, NumPy {np.__version__}; made by golden_board.py")
    for phase in PHASES:
        board(phase, cells[phase], True)
    board("overall", means([cells[phase] for phase in PHASES]), False)


main()
