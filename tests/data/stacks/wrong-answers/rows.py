"""The faults of the F rows of the fault catalogue: what a server does at its start, to every request, or once it is under load."""
import ctypes
import os
import signal
import socket
import threading
import time

FAULT = os.environ.get("FAULT", "")
LOADED_FROM = 400  # requests: more than all checks together ask

lock = threading.Lock()
count = 0


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
    if FAULT in ALWAYS and path != "/health":
        return ALWAYS[FAULT](peer)
    if FAULT == "never answers":
        threading.Event().wait()
    return loaded and FAULT in LOADED and LOADED[FAULT](peer)


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


ALWAYS = {
    "endless headers": flow(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 1000 + b"\r\n"),
    "endless body": flow(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n", b"x" * 65536),
    "a length too short": lambda peer: say(peer, b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{"message":"Hello, World!"}'),
    "a negative chunk": lambda peer: say(peer, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nxx\r\n0\r\n\r\n"),
    "a chunk of 2^64": lambda peer: say(peer, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\nxx\r\n0\r\n\r\n"),
}
LOADED = {
    "fails": lambda peer: say(peer, b"HTTP/1.1 500 Failed\r\nContent-Length: 0\r\n\r\n"),
    "exits with 0": lambda _peer: os._exit(0),
    "exits with 1": lambda _peer: os._exit(1),
    "crashes": lambda _peer: ctypes.string_at(0),
    "takes all memory": allocate,
    "floods its log": flood,
}
