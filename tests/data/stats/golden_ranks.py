"""What the golden scripts share: the averages of all pairs, and how far from their end an interval by signed ranks begins."""
import numpy as np


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
