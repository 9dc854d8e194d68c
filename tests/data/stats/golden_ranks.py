"""What the golden scripts share: the averages of all pairs, how far from their end an interval by signed ranks begins, and what two sides that were
measured pair by pair differ by."""
import collections

import numpy as np
from scipy import stats


def walsh(d):
    return np.sort([(d[i] + d[j]) / 2 for i in range(len(d)) for j in range(i, len(d))])


def signed_rank_c(n, tail):
    ways = np.ones(1)
    for rank in range(1, n + 1):
        step = np.zeros(rank + 1)
        step[0] = step[rank] = 1
        ways = np.convolve(ways, step)
    below = np.cumsum(ways) / 2.0**n
    return int(np.searchsorted(below, tail, side="right"))


EXACT_PAIRS = 16


def tail_of_swaps(d, total):
    """The probability that swapping the two trials of each block leaves the sum of the rank differences `d` at least at `total`."""
    if len(d) > EXACT_PAIRS:  # with half a step of continuity
        return stats.norm.sf((total - 1) / np.sqrt(np.sum(d**2))) if np.any(d) else 1.0
    sums = {0.0: 1}
    for one in d:
        after = collections.Counter()
        for value, ways in sums.items():
            after[value + one] += ways
            after[value - one] += ways
        sums = after
    return sum(ways for value, ways in sums.items() if value >= total) / 2.0 ** len(d)


def blocks_share(nights):
    within = [b - a for pairs in nights for a, b in pairs]
    effect = np.median(within)
    across = [abs(pairs[j][1] - effect - pairs[i][0]) for pairs in nights for i in range(len(pairs)) for j in range(len(pairs)) if i != j]
    return not across or np.median(np.abs(np.array(within) - effect)) < np.median(across) / 3


def rank_differences(nights, shift):
    above = []
    for pairs in nights:
        a, b = np.array(pairs).T
        ranks = stats.rankdata(np.concatenate([a, b - shift]))
        above.extend(ranks[len(a):] - ranks[: len(a)])
    return np.array(above)


def low_end(nights, tail):
    """Every shift is tried, from below, until one is not rejected."""
    s = np.sort([b - a for pairs in nights for a, _ in pairs for _, b in pairs])
    middles = np.concatenate([[s[0] - 1], (s[:-1] + s[1:]) / 2])
    for place, shift in enumerate(middles):
        d = rank_differences(nights, shift)
        if tail_of_swaps(d, d.sum()) > tail:
            return None if place == 0 else s[place - 1]
    return s[-1]


def pair_effect(nights, tail):
    """Centre and interval of pairs (a, b) of one night each: by their differences where blocks share, else by ranks of both sides together."""
    if blocks_share(nights):
        d = [b - a for pairs in nights for a, b in pairs]
        averages, c = walsh(d), signed_rank_c(len(d), tail)
        return np.median(averages), (averages[c - 1], averages[len(averages) - c]) if c > 0 else None
    low = low_end(nights, tail)
    high = low_end([[(b, a) for a, b in pairs] for pairs in nights], tail)
    centre = np.median([b - a for pairs in nights for a, _ in pairs for _, b in pairs])
    return centre, None if low is None else (low, -high)
