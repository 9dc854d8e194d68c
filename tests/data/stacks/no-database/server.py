"""Answers /health and /json rightly, and has no database."""
import http.server
import os
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
        elif self.path.startswith("/json"):
            self.answer(200, "application/json", b'{"message":"Hello, World!"}')
        else:
            self.answer(404, "text/plain", b"no such path")

    do_HEAD = do_GET

    def log_message(self, *_args: object) -> None:
        pass


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
http.server.ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler).serve_forever()
