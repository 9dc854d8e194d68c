"""Asks its services by their names, says what it found, then listens."""
import http.server
import os
import signal
import socket
import sys


def greeting(host, port, request=b""):
    with socket.create_connection((host, port), timeout=5) as peer:
        peer.sendall(request)
        return peer.recv(200)


def expect(what, seen, wanted):
    if seen != wanted:
        sys.exit(f"{what}: {seen}, not {wanted}")


expect("environment", (os.environ["GREETING"], os.environ["PORT"], os.environ.get("GOMAXPROCS")), ("hello", "3000", None))
expect("reset of redis", greeting("redis", 6379, b"GET planted\r\n"), b"$4\r\nrice\r\n")
expect("address of redis", os.environ["REDIS_URL"], "redis://redis:6379")
expect("address of mariadb", socket.gethostbyname("mariadb"), os.environ["DB_HOST"])
expect("mariadb", b"MariaDB" in greeting("mariadb", 3306), True)
open("/var/spool/own/written", "w").close()
try:
    open("/app/written", "w").close()
    sys.exit("the root is writable")
except OSError as error:
    print("as it should be:", error.strerror)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
server = http.server.HTTPServer(("", int(os.environ["PORT"])), Handler)
print("listening on", os.environ["PORT"])
server.serve_forever()
