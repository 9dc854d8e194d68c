"""The work behind /cpu, in whichever process it is called."""

from hashlib import sha256
from typing import Literal

Kind = Literal["hash", "sieve"]


def work(kind: Kind, n: int) -> str:
    return hash_chain(n) if kind == "hash" else str(primes_up_to(n))


def hash_chain(n: int) -> str:
    digest = b"seed"
    for _ in range(n):
        digest = sha256(digest).digest()
    return digest.hex()


def primes_up_to(n: int) -> int:
    """The inner loop is a slice assignment, which is how a sieve is written in Python."""
    composite = bytearray(n + 1)
    primes = 0
    for i in range(2, n + 1):
        if not composite[i]:
            primes += 1
            if i * i <= n:
                composite[i * i :: i] = b"\x01" * len(range(i * i, n + 1, i))
    return primes
