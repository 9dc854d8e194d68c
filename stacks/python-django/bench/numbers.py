"""Numbers as they arrive in paths and queries: text of any length."""

import re

DIGITS = re.compile(r"[0-9]{1,10}")
INTEGER = re.compile(r"-?[0-9]+")


def parse_within(text: str, low: int, high: int) -> int | None:
    """A decimal integer without a sign within the range; nothing else."""
    if not DIGITS.fullmatch(text):
        return None
    value = int(text)
    return value if low <= value <= high else None


def is_integer(text: str) -> bool:
    return INTEGER.fullmatch(text) is not None


def clamp(text: str, low: int, high: int) -> int:
    """An integer of any length, forced into the range."""
    try:
        return min(max(int(text), low), high)
    except ValueError:  # more digits than Python converts
        return low if text.startswith("-") else high


def row_count(text: str) -> int:
    """?n= of queries and updates: not a number is 1, anything else is forced into 1…500."""
    return clamp(text, 1, 500) if is_integer(text) else 1
