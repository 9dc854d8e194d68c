"""Prints golden.txt: results of SciPy and NumPy, an independent package, for the statistics of daemon/stats.

    python3 -m venv v && v/bin/pip install scipy && v/bin/python golden.py > golden.txt
"""
import numpy as np
import scipy
from scipy import stats


def signed_rank_cdf(n, k):
    """P(T+ <= k), by the exact test on differences whose positive ranks add up to k."""
    positive, left = set(), k
    for rank in range(n, 0, -1):
        if rank <= left:
            positive.add(rank)
            left -= rank
    d = [r if r in positive else -r for r in range(1, n + 1)]
    return stats.wilcoxon(d, alternative="less", method="exact").pvalue


def rank_sum_cdf(n, m, k):
    """P(U <= k), by the exact test on two samples of which k pairs have the first one larger."""
    x, left = [], k
    for i in range(n):
        above = min(m, left)
        left -= above
        x.append(above - 0.5 + (n - i) * 1e-4)
    return stats.mannwhitneyu(x, list(range(m)), alternative="less", method="exact").pvalue


def largest_c(cdf):
    c = 0
    while cdf(c) <= 0.025:
        c += 1
    return c


def interval(candidates, c):
    s = np.sort(candidates)
    return f"{s[c - 1]:.17g} {s[len(s) - c]:.17g}" if c > 0 else "- -"


def numbers(values):
    return " ".join(f"{v:.17g}" for v in values)


print(f"# SciPy {scipy.__version__}, NumPy {np.__version__}; made by golden.py")
signed = {n: largest_c(lambda k: signed_rank_cdf(n, k)) for n in range(1, 31)}
for n, c in signed.items():
    print("signed_rank_c", n, c)
sizes = [(1, 9), (2, 8), (3, 5), (4, 4), (5, 5), (6, 6), (6, 9), (10, 10), (7, 30), (15, 15), (20, 13), (30, 30)]
rank_sum = {(n, m): largest_c(lambda k: rank_sum_cdf(n, m, k)) for n, m in sizes}
for (n, m), c in rank_sum.items():
    print("rank_sum_c", n, m, c)

random = np.random.default_rng(20261123)
for n in (1, 2, 3, 5, 6, 7, 10, 15, 20, 30):
    v = np.log(random.lognormal(9.9, 0.08, n))
    walsh = [(v[i] + v[j]) / 2 for i in range(n) for j in range(i, n)]
    print("one_sample", n, numbers(v), f"{np.median(walsh):.17g}", interval(walsh, signed[n]))
for n, m in sizes:
    a, b = random.normal(9.9, 0.1, n), random.normal(9.95, 0.2, m)
    d = [y - x for x in a for y in b]
    print("unpaired", n, m, numbers(a), numbers(b), f"{np.median(d):.17g}", interval(d, rank_sum[(n, m)]))
for n in (1, 2, 3, 4, 9, 10, 31):
    v = random.exponential(100.0, n)
    print("median", n, numbers(v), f"{np.median(v):.17g}")
