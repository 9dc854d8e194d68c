"""/sse and /ws of the server with one fault: each takes its connection over until that ends."""
import base64
import email.utils
import hashlib
import os
import queue
import socket
import threading

FAULT = os.environ.get("FAULT", "")
SECRET = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

lock = threading.Lock()
topics: dict[str, list[queue.Queue]] = {}
sequence = 0


def head(status: str, headers: dict[str, str]) -> bytes:
    lines = {"Date": email.utils.formatdate(usegmt=True)} | headers
    return "".join([f"HTTP/1.1 {status}\r\n", *(f"{n}: {v}\r\n" for n, v in lines.items()), "\r\n"]).encode()


# ---- sse ----


def publish(topic: str, text: bytes) -> None:
    global sequence
    with lock:
        sequence += 1
        number = 7 if FAULT == "numbers all alike" else sequence
        event = b"id: %d\ndata: %s\n\n" % (number, text[:1000] if FAULT == "cuts at 1000 bytes" else text)
        if FAULT == "no id":
            event = event.split(b"\n", 1)[1]
        everybody = [box for boxes in topics.values() for box in boxes]
        boxes = everybody if FAULT == "hands on to every topic" else topics.get(topic, [])
        left_out = FAULT == "forgets the last subscriber" and len(boxes) > 1 and sequence % 5 == 0
        for box in boxes[:-1] if left_out else boxes:
            box.put(event * 2 if FAULT == "hands on twice" else event)


def subscribe(peer: socket.socket, topic: str) -> None:
    box: queue.Queue = queue.Queue()
    with lock:
        topics.setdefault(topic, []).append(box)
    kind = "text/plain" if FAULT == "events as text" else "text/event-stream"
    peer.sendall(head("200 OK", {"Content-Type": kind, "Connection": "close"}))
    peer.sendall(b": hello\n\n" if FAULT == "greets otherwise" else b": ok\n\n")
    kept = b""
    try:
        while True:
            event = box.get()
            if FAULT == "hands on four at a time":
                kept += event
                event, kept = (kept, b"") if kept.count(b"data:") == 4 else (b"", kept)
            peer.sendall(event)
    finally:
        with lock:
            topics[topic].remove(box)


# ---- ws ----


def frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        length = bytes([size])
    elif size < 65536:
        length = bytes([126]) + size.to_bytes(2, "big")
    else:
        length = bytes([127]) + size.to_bytes(8, "big")
    return bytes([0x80 | opcode]) + length + payload


def echo(connection, headers: dict[str, str]) -> None:
    accept = base64.b64encode(hashlib.sha1((headers["sec-websocket-key"] + SECRET).encode()).digest()).decode()
    agreed = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept}
    if FAULT == "another accept":
        agreed["Sec-WebSocket-Accept"] = accept[::-1]
    if FAULT == "agrees to compress":
        agreed["Sec-WebSocket-Extensions"] = "permessage-deflate"
    if FAULT == "refuses the upgrade":
        connection.peer.sendall(head("426 Upgrade Required", {"Content-Length": "0"}))
        return
    connection.peer.sendall(head("101 Switching Protocols", agreed))
    kind, message = 1, b""
    while True:
        first, second = connection.take(2)
        size = second & 127
        if size >= 126:
            size = int.from_bytes(connection.take(2 if size == 126 else 8), "big")
        mask = connection.take(4)
        masked = connection.take(size)
        pattern = (mask * (size // 4 + 1))[:size]
        payload = (int.from_bytes(masked, "big") ^ int.from_bytes(pattern, "big")).to_bytes(size, "big")
        opcode, final = first & 15, first & 128
        if opcode == 8:
            if FAULT != "says no goodbye":
                connection.peer.sendall(frame(8, payload))
            if FAULT == "never ends":
                threading.Event().wait(20)
            return
        if opcode == 9:
            if FAULT != "answers no ping":
                connection.peer.sendall(frame(10, payload))
            continue
        kind = opcode or kind
        message += payload
        if final or FAULT == "echoes each fragment":
            answer(connection.peer, kind, message)
            message = b""


latest = b""


def answer(peer: socket.socket, kind: int, message: bytes) -> None:
    global latest
    before, latest = latest, message
    if FAULT == "bytes come back as text":
        kind = 1
    if FAULT == "64 KiB is too much" and len(message) >= 65536:
        message = message[:-1]
    if FAULT == "crosses messages" and before:
        message = before
    if FAULT == "loses a message" and message.endswith(tuple(b"%c" % c for c in b"abcdefgh")):
        return
    peer.sendall(frame(kind, message) * (2 if FAULT == "echoes twice" else 1))
