"""A server that keeps the contract but for one fault, whose name is in FAULT: see FAULTS and the few that are named below.

A connection is a thread that reads bytes itself, so that faults below HTTP can be made too.
"""
import dataclasses
import email.utils
import os
import re
import signal
import socket
import sys
import threading
import time
import urllib.parse

import answers
import rows
import streams

FAULT = os.environ.get("FAULT", "")
STARTED = email.utils.formatdate(usegmt=True)
UNKNOWN = (404, "text/plain", b"no such path")


@dataclasses.dataclass
class Request:
    method: str
    written: str  # the path before it was decoded
    path: str
    query: dict[str, str]
    version: str
    headers: dict[str, str]
    body: bytes
    chunked: bool


@dataclasses.dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]


def content(request: Request) -> tuple[int, str, bytes]:
    is_post = request.method == "POST"
    match request.path.split("/")[1:], is_post:
        case ["health"], False:
            return 200, answers.TEXT, b"ok"
        case ["plaintext"], False:
            return 200, answers.TEXT, b"Hello, World!"
        case ["json"], False:
            return answers.greet(request.query)
        case ["items", count], False:
            return answers.items(count, request.query)
        case ["users", number], False:
            return answers.user(number)
        case ["db"], False:
            return answers.db()
        case ["queries"], False:
            return answers.queries(request.query)
        case ["fortunes"], False:
            return answers.fortunes(request.query)
        case ["cpu"], False:
            return answers.cpu(request.query)
        case ["updates"], True:
            return answers.updates(request.query)
        case ["validate"], True:
            return answers.validate(request.body, FAULT.removeprefix("overlooks "))
        case ["predict"], True:
            return answers.predict(request.body, FAULT.removeprefix("overlooks "))
        case ["sse"], True:
            streams.publish(request.query.get("topic", ""), request.body)
            return 200 if FAULT == "published is 200" else 202, answers.TEXT, b""
        case ["upload"], True:
            return answers.good({"bytes": len(request.body)})
        case [("health" | "plaintext" | "json" | "items" | "users" | "db" | "queries" | "fortunes" | "cpu"), *_], True:
            return 405, "text/plain", b"wrong method"
        case [("updates" | "validate" | "upload" | "predict")], False:
            return 405, "text/plain", b"wrong method"
    return UNKNOWN


# ---- faults of one answer, by name: what they do to it ----


def status(of: int, to: int):
    def spoil(_request: Request, answer: Answer) -> None:
        if answer.status == of:
            answer.status = to

    return spoil


def body(change):
    def spoil(_request: Request, answer: Answer) -> None:
        if answer.status == 200:
            answer.body = change(answer.body)

    return spoil


def header(name: str, value: str | None):
    def spoil(_request: Request, answer: Answer) -> None:
        answer.headers[name] = value  # None: it is left out

    return spoil


def replaced(old: str, new: str):
    return body(lambda text: text.replace(old.encode(), new.encode()))


def when(condition, spoil):
    def sometimes(request: Request, answer: Answer) -> None:
        if condition(request):
            spoil(request, answer)

    return sometimes


previous: dict[str, bytes] = {}


def keeps_the_answer_before(request: Request, answer: Answer) -> None:
    """A cache by path, blind to query and body."""
    if answer.status == 200:
        answer.body = previous.setdefault(request.path, answer.body)


def add_a_little(score: re.Match[bytes]) -> bytes:
    return f'"score":{float(score[1]) + 0.0002}'.encode()


def fixed(text: str):
    return body(lambda _: text.encode())


FAULTS = {
    "health says more": body(lambda text: text + b"!"),
    "unknown path is found": status(404, 200),
    "old date": header("Date", STARTED),
    "no date": header("Date", None),
    "date of another form": header("Date", "2026-11-23"),
    "cookie": header("Set-Cookie", "id=1"),
    "says it is compressed": header("Content-Encoding", "gzip"),
    "no type": header("Content-Type", None),
    "as HTML": header("Content-Type", "text/html"),
    "as text": header("Content-Type", "text/plain"),
    "a full stop": body(lambda text: text.replace(b"!", b".")),
    "padded": body(lambda text: text + b" " * 30),
    "extra key": replaced('"}', '","time":1}'),
    "not JSON": body(lambda text: text + b"}"),
    "name is not read": fixed('{"message":"Hello, World!"}'),
    "keeps the answer before": keeps_the_answer_before,
    "accepts bad input": status(400, 200),
    "fails on bad input": status(400, 500),
    "error in other words": lambda _, answer: setattr(answer, "body", answer.body.replace(b"error", b"detail")),
    "answers POST": status(405, 200),
    "totals are floats": replaced("}", ".0}"),
    "user of another": replaced("@example.com", "@example.org"),
    "absent is empty": status(404, 200),
    "one row for ever": fixed('{"id":1,"randomNumber":2649}'),
    "one row however many": fixed('[{"id":1,"randomNumber":2649}]'),
    "changes nothing": fixed('[{"id":1,"randomNumber":2649},{"id":2,"randomNumber":568},{"id":3,"randomNumber":8487}]'),
    "not escaped": body(lambda text: text.replace(b"&lt;", b"<").replace(b"&gt;", b">")),
    "added row is missing": replaced("<tr><td>0</td><td>Additional fortune added at request time.</td></tr>\n", ""),
    "of 200 one is missing": replaced("<tr><td>7</td>", "<tr><td>8</td>"),
    "adds up wrongly": replaced('"total_cents":', '"total_cents":1'),
    "scores a little more": body(lambda text: re.sub(rb'"score":([^}]*)', add_a_little, text)),
    "is lost far out": when(lambda r: r.body.count(b"1000000") == 30, status(200, 500)),
    "no JSON is 422": status(400, 422),
    "reads what is too large": status(413, 200),
    "another hash": replaced('"result":"', '"result":"0'),
    "one prime more": when(lambda r: r.query.get("kind") == "sieve", replaced('"result":"', '"result":"1')),
    "guesses the size": fixed('{"bytes":5}'),
    "counts no chunks": when(lambda r: r.chunked, fixed('{"bytes":0}')),
    "counts 1 MiB at most": when(lambda r: len(r.body) > 1 << 20, fixed('{"bytes":1048576}')),
    "nothing is a bad request": when(lambda r: r.method == "POST" and not r.body, status(200, 400)),
    "HEAD without its length": when(lambda r: r.method == "HEAD", header("Content-Length", "0")),
    "fails on an encoded path": when(lambda r: "%" in r.written, status(200, 500)),
    "HTTP/1.0 is refused": when(lambda r: r.version == "1.0", status(200, 505)),
}


# ---- a connection ----

latest: Request | None = None


class Connection:
    def __init__(self, peer: socket.socket) -> None:
        self.peer = peer
        self.bytes = b""

    def more(self) -> None:
        piece = self.peer.recv(65536)
        if not piece:
            raise ConnectionError
        self.bytes += piece

    def take_until(self, mark: bytes) -> bytes:
        while mark not in self.bytes:
            if self.bytes and FAULT == "wants a request whole":
                raise ConnectionError
            self.more()
        taken, self.bytes = self.bytes.split(mark, 1)
        return taken

    def take(self, size: int) -> bytes:
        while len(self.bytes) < size:
            if FAULT == "wants a body whole" and self.bytes:
                break
            self.more()
        taken, self.bytes = self.bytes[:size], self.bytes[size:]
        return taken

    def read(self) -> Request:
        lines = self.take_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        method, target, version = lines[0].split(" ")
        headers = dict((name.lower(), value.strip()) for name, value in (line.split(":", 1) for line in lines[1:]))
        split = urllib.parse.urlsplit(target)
        query = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
        chunked = headers.get("transfer-encoding") == "chunked"
        content_bytes = b""
        if chunked:
            while size := int(self.take_until(b"\r\n"), 16):
                content_bytes += self.take(size)
                self.take_until(b"\r\n")
            self.take_until(b"\r\n")
        elif length := int(headers.get("content-length", 0)):
            content_bytes = self.take(length)
        if FAULT == "loses what was sent behind":
            self.bytes = b""
        path = urllib.parse.unquote(split.path)
        return Request(method, split.path, path, query, version.removeprefix("HTTP/"), headers, content_bytes, chunked)

    def write(self, request: Request) -> bool:
        global latest
        latest = request
        if FAULT == "mixes up what comes at once":
            time.sleep(0.02)
        code, kind, text = content(latest if FAULT == "mixes up what comes at once" else request)
        answer = Answer(code, text, {"Content-Type": kind})
        # /health stays right, or the start would show most faults already.
        if FAULT in FAULTS and (request.path != "/health" or FAULT in ("health says more", "old date")):
            FAULTS[FAULT](request, answer)
        wanted = request.headers.get("connection", "").lower()
        close = wanted == "close" or (request.version == "1.0" and wanted != "keep-alive")
        if FAULT == "closes after every answer":
            close = True
        if FAULT == "stays open":
            close = False
        headers = {
            "Date": email.utils.formatdate(usegmt=True),
            "Content-Length": str(len(answer.body)),
            "Connection": "close" if close else "keep-alive",
        } | answer.headers
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value is not None)
        bare = request.method == "HEAD" and FAULT != "HEAD sends a body"
        self.peer.sendall(f"HTTP/1.1 {answer.status} X\r\n{head}\r\n".encode() + (b"" if bare else answer.body))
        return not close

    def take_over(self, request: Request) -> bool:
        """A stream or a WebSocket has the connection to itself."""
        if FAULT == "dies of clients that leave" and self.has_left():
            os._exit(1)
        if request.path == "/sse" and request.method == "GET":
            streams.subscribe(self.peer, request.query.get("topic", ""))
        elif request.path == "/ws" and request.headers.get("upgrade", "").lower() == "websocket":
            streams.echo(self, request.headers)
        else:
            return False
        return True

    def has_left(self) -> bool:
        time.sleep(0.05)  # a client that leaves does so at once
        try:
            return self.peer.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False

    def serve(self) -> None:
        try:
            while True:
                request = self.read()
                if rows.at_request(self.peer, request.path):
                    continue
                if self.take_over(request) or not self.write(request):
                    return
        except (ValueError, OSError) as error:
            left = self.bytes or isinstance(error, (ConnectionResetError, BrokenPipeError))
            if FAULT == "dies of clients that leave" and left:
                os._exit(1)
        finally:
            rows.at_end(self.peer)
            self.peer.close()


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    rows.at_start()
    with socket.create_server(("0.0.0.0", int(os.environ["PORT"])), backlog=128) as listener:
        while True:
            peer, _ = listener.accept()
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=Connection(peer).serve, daemon=True).start()


main()
