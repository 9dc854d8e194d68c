"""Keeps the contract of users to the letter, but never asks the database: it knows how the rows were made."""
import http.server
import os
import re
import signal
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self) -> None:
        if self.path == "/health":
            self.answer(200, "text/plain", b"ok")
        elif self.path.startswith("/users/"):
            self.user(self.path.removeprefix("/users/"))
        else:
            self.answer(404, "text/plain", b"no such path")

    do_HEAD = do_GET

    def do_POST(self) -> None:
        self.answer(405, "text/plain", b"GET only")

    def user(self, text: str) -> None:
        row = int(text) if re.fullmatch("[0-9]{1,10}", text) else 0
        if not 1 <= row <= 2147483647:
            self.answer(400, "application/json", b'{"error":"Bad request"}')
        elif row > 10000:
            self.answer(404, "application/json", b'{"error":"Not found"}')
        else:
            body = f'{{"id":{row},"name":"User {row}","email":"user{row}@example.com"}}'
            self.answer(200, "application/json", body.encode())

    def log_message(self, *_args: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
Server(("0.0.0.0", int(os.environ["PORT"])), Handler).serve_forever()
