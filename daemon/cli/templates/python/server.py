"""The routes that every stack begins with. The rest, and what is asked of each, is in stacks/CONTRACT.md."""
import json
import os
import re
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one segment

    def health(self, _query: dict[str, list[str]]) -> None:
        self.send_text("ok")

    def plaintext(self, _query: dict[str, list[str]]) -> None:
        self.send_text("Hello, World!")

    def greet(self, query: dict[str, list[str]]) -> None:
        name = query.get("name", ["World"])[0]
        if not re.fullmatch(r"[A-Za-z0-9]{1,32}", name):
            self.send_json(400, {"error": "Bad request"})
        else:
            self.send_json(200, {"message": f"Hello, {name}!"})

    routes = {"/health": health, "/plaintext": plaintext, "/json": greet}

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        route = self.routes.get(url.path)
        if route is None:
            self.send_json(404, {"error": "Not found"})
        else:
            route(self, parse_qs(url.query, keep_blank_values=True))

    do_HEAD = do_GET

    def do_POST(self) -> None:
        # What this server does not read would be taken for the next request.
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        known = urlsplit(self.path).path in self.routes
        self.send_json(405 if known else 404, {"error": "Method not allowed" if known else "Not found"})

    def send_text(self, text: str) -> None:
        self.send_body(200, "text/plain; charset=utf-8", text.encode())

    def send_json(self, status: int, value: object) -> None:
        self.send_body(status, "application/json", json.dumps(value).encode())

    def send_body(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass  # no access log, as for every stack


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024


# Process 1 of a container hears no signal that it has no handler for.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
Server(("0.0.0.0", int(os.environ.get("PORT", "8080"))), Handler).serve_forever()
