"""Numbers as they arrive in paths and queries: text of any length."""

import re

INTEGER = re.compile(r"-?[0-9]+")


def clamp(text: str, low: int, high: int) -> int:
    """An integer of any length, forced into the range."""
    try:
        return min(max(int(text), low), high)
    except ValueError:  # more digits than Python converts
        return low if text.startswith("-") else high


def row_count(text: str) -> int:
    """?n= of queries and updates: not a number is 1, anything else is forced into 1…500."""
    return clamp(text, 1, 500) if INTEGER.fullmatch(text) else 1
