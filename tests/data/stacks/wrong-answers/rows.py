"""The faults of the F rows of the fault catalogue: what a server does at its start, to every request, or once it is under load."""
import ctypes
import os
import signal
import socket
import struct
import threading
import time

FAULT = os.environ.get("FAULT", "")
LOADED_FROM = 400  # requests: more than all checks together ask

MANY = 6  # connections at a time: one check has so many, and then the load

lock = threading.Lock()
count = 0
peers: set[socket.socket] = set()
crowds: list[bool] = []  # whether each is still there; the second one stays, however often its connections are broken
kept: list[bytes] = []


def at_start() -> None:
    if FAULT == "never listens":
        threading.Event().wait()
    if FAULT == "listens elsewhere":
        os.environ["PORT"] = "8099"
    if FAULT == "starts late":
        time.sleep(4)
    if FAULT == "ignores SIGTERM":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def at_request(peer: socket.socket, path: str) -> bool:
    """Whether the request has been dealt with."""
    global count
    with lock:
        count += 1
        loaded = count > LOADED_FROM
        peers.add(peer)
        if len(peers) >= MANY and not (crowds and crowds[-1]):
            crowds.append(True)
        crowded = len(crowds) > 1
    if FAULT in ALWAYS and path != "/health":
        return ALWAYS[FAULT](peer)
    if FAULT == "never answers":
        threading.Event().wait()
    if crowded and FAULT in CROWDED:
        return CROWDED[FAULT](peer)
    return loaded and FAULT in LOADED and LOADED[FAULT](peer)


def at_end(peer: socket.socket) -> None:
    with lock:
        peers.discard(peer)
        if len(crowds) == 1 and len(peers) < 2:
            crowds[0] = False


def say(peer: socket.socket, text: bytes) -> bool:
    peer.sendall(text)
    return True


def flow(head: bytes, piece: bytes):
    def endless(peer: socket.socket) -> bool:
        peer.sendall(head)
        while True:
            peer.sendall(piece)

    return endless


def allocate(_peer: socket.socket) -> bool:
    kept = []
    while True:
        kept.append(b"x" * (16 << 20))


def flood(_peer: socket.socket) -> bool:
    line = b"x" * 1023 + b"\n"
    for _ in range(200):
        os.write(1, line)
    return False


def drip(peer: socket.socket) -> bool:
    for byte in b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n":
        peer.sendall(bytes([byte]))
        time.sleep(1)
    return True


def reset(peer: socket.socket) -> bool:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise ConnectionError


def leak(_peer: socket.socket) -> bool:
    """1 MiB per second, in 16 pieces."""
    with lock:
        if not kept:
            threading.Thread(target=keep, daemon=True).start()
            kept.append(b"")
    return False


def keep() -> None:
    begin = time.monotonic()
    for piece in range(1, 16 * 120):
        kept.append(os.urandom(65536))
        time.sleep(max(0.0, begin + piece / 16 - time.monotonic()))


ALWAYS = {
    "endless headers": flow(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 1000 + b"\r\n"),
    "endless body": flow(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n", b"x" * 65536),
    "a length too short": lambda peer: say(peer, b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{"message":"Hello, World!"}'),
    "a negative chunk": lambda peer: say(peer, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nxx\r\n0\r\n\r\n"),
    "a chunk of 2^64": lambda peer: say(peer, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\nxx\r\n0\r\n\r\n"),
}
CROWDED = {
    "hangs under load": lambda _peer: threading.Event().wait(),
    "drips under load": drip,
    "resets under load": reset,
}
LOADED = {
    "leaks": leak,
    "fails": lambda peer: say(peer, b"HTTP/1.1 500 Failed\r\nContent-Length: 0\r\n\r\n"),
    "exits with 0": lambda _peer: os._exit(0),
    "exits with 1": lambda _peer: os._exit(1),
    "crashes": lambda _peer: ctypes.string_at(0),
    "takes all memory": allocate,
    "floods its log": flood,
}
