"""Prints golden_pool.txt: what SciPy makes of nights that are taken together, of places at the level of many pairs, and of several workloads.

    python3 -m venv v && v/bin/pip install scipy
    v/bin/python golden_pool.py > golden_pool.txt

Each case is a line `case NAME`, then `a NIGHT BLOCK VALUE` and `b NIGHT BLOCK VALUE` for every trial, then what follows from them:
`paired RATIO LOW HIGH N UNIT`, "-" where there is no interval, and of several nights `kruskal P` of side a and `unpaired …`.
`c_pairs N TAIL C` and `c_sides N M TAIL C`: how far from the end the interval of that level begins.
"""
import numpy as np
import scipy
from scipy import stats

from golden_ranks import pair_effect, signed_rank_c, walsh


def rank_sum_c(n, m, tail):
    c = 0
    while stats.mannwhitneyu(*with_u(n, m, c), alternative="less", method="exact").pvalue <= tail:
        c += 1
    return c


def with_u(n, m, k):
    x, left = [], k
    for i in range(n):
        above = min(m, left)
        left -= above
        x.append(above - 0.5 + (n - i) * 1e-4)
    return x, list(range(m))


def grouped(rows):
    nights = {}
    for night, value in rows:
        nights.setdefault(night, []).append(value)
    return [nights[k] for k in sorted(nights)]


def differ(groups):
    return len(groups) > 1 and stats.kruskal(*groups).pvalue < 0.05


def centres(groups):
    return [np.median(walsh(g)) for g in groups]


def line(kind, centre, ends, n, unit):
    low, high = (None, None) if ends is None else ends
    number = lambda v: "-" if v is None else f"{np.exp(v):.17g}"
    print(kind, number(centre), number(low), number(high), n, unit)


def between(values, c):
    return (values[c - 1], values[len(values) - c]) if c > 0 else None


def paired(a, b):
    pairs = [(k[0], (np.log(a[k]), np.log(b[k]))) for k in sorted(set(a) & set(b))]
    groups = grouped([(night, y - x) for night, (x, y) in pairs])
    if differ(groups):
        values = walsh(centres(groups))
        return line("paired", np.median(values), between(values, signed_rank_c(len(groups), 0.025)), len(groups), "night")
    line("paired", *pair_effect(grouped(pairs), 0.025), len(pairs), "trial")


def unpaired(a, b):
    ga, gb = (grouped([(k[0], np.log(v)) for k, v in sorted(s.items())]) for s in (a, b))
    unit = "night" if differ(ga) or differ(gb) else "trial"
    x, y = (centres(ga), centres(gb)) if unit == "night" else (sum(ga, []), sum(gb, []))
    values = np.sort([q - p for p in x for q in y])
    line("unpaired", np.median(values), between(values, rank_sum_c(len(x), len(y), 0.025)), min(len(x), len(y)), unit)


def side(random, nights, blocks, level, night_spread, spread):
    made = {}
    for night in range(1, nights + 1):
        centre = level * np.exp(random.normal(0, night_spread))
        for block in range(1, blocks + 1):
            made[night, block] = float(f"{centre * np.exp(random.normal(0, spread)):.6g}")
    return made


def drifting(random, blocks, level, block_spread, spread, slow=0):
    """Two sides of one night, whose blocks have something in common; of the trials some are slow."""
    sides = ({}, {})
    for block in range(1, blocks + 1):
        shared = random.normal(0, block_spread)
        for side in sides:
            luck = random.uniform(0.05, 0.3) if random.random() < slow else 0
            side[1, block] = float(f"{level * np.exp(shared + random.normal(0, spread) + luck):.6g}")
    return sides


def case(name, a, b):
    print("case", name)
    for word, values in (("a", a), ("b", b)):
        for (night, block), value in sorted(values.items()):
            print(word, night, block, f"{value:.17g}")
    groups = grouped([(k[0], v) for k, v in sorted(a.items())])
    paired(a, b)
    if len(groups) > 1:
        print("kruskal", f"{stats.kruskal(*groups).pvalue:.17g}")
        unpaired(a, b)


def main():
    random = np.random.default_rng(20261129)
    print(f"# SciPy {scipy.__version__}, NumPy {np.__version__}; made by golden_pool.py")
    case("calm", side(random, 3, 5, 20000, 0, 0.02), side(random, 3, 5, 22000, 0, 0.02))
    case("ties", {k: round(v, -2) for k, v in side(random, 3, 5, 2000, 0, 0.05).items()}, side(random, 3, 5, 2000, 0, 0.05))
    case("nights", side(random, 6, 5, 20000, 0.08, 0.01), side(random, 6, 5, 20000, 0.08, 0.01))
    case("many", side(random, 8, 5, 20000, 0.1, 0.01), side(random, 8, 5, 24000, 0.1, 0.01))
    case("two", side(random, 2, 5, 20000, 0.0, 0.03), side(random, 2, 5, 20000, 0.0, 0.03))
    case("luck", *drifting(random, 12, 20000, 0, 0.01, 0.2))
    case("luck-exact", *drifting(random, 16, 20000, 0.01, 0.01, 0.2))
    case("luck-many", *drifting(random, 40, 20000, 0.01, 0.01, 0.2))
    case("seventeen", *drifting(random, 17, 20000, 0.01, 0.01))
    case("rounded", *({k: round(v, -2) for k, v in side.items()} for side in drifting(random, 12, 2000, 0, 0.05)))
    case("drift", *drifting(random, 12, 20000, 0.2, 0.01))
    case("few", *drifting(random, 5, 20000, 0, 0.01))
    for n in (10, 15, 20, 30):
        for pairs in (1, 3, 25, 780):
            tail = 0.025 / pairs
            print("c_pairs", n, f"{tail:.17g}", signed_rank_c(n, tail))
    for n, m in ((10, 10), (10, 15), (15, 15), (20, 12)):
        for pairs in (3, 25, 780):
            tail = 0.025 / pairs
            print("c_sides", n, m, f"{tail:.17g}", rank_sum_c(n, m, tail))


main()
