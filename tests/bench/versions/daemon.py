"""A dynod for a benchmark."""
import json
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]


class Daemon:
    """A dynod with a state folder and a port of its own; ends with the block."""

    def __init__(self, programs, folder, profiles):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.server = f"http://127.0.0.1:{free.getsockname()[1]}"
        state = folder / "daemon"
        (state / "stacks").mkdir(parents=True, exist_ok=True)
        config = {"listen": self.server[7:], "data_dir": str(state / "data"), "stacks_dirs": [str(state / "stacks")],
                  "profiles_dir": str(profiles), "services_dir": str(ROOT / "compose"), "runner_dir": str(programs)}
        (state / "config.yaml").write_text(json.dumps(config))  # JSON is YAML
        self.program = [str(programs / "dynod"), "--config", str(state / "config.yaml")]
        self.log = (state / "dynod.log").open("a")

    def __enter__(self):
        self.process = subprocess.Popen(self.program, stdout=self.log, stderr=self.log)
        for _ in range(300):
            try:
                urllib.request.urlopen(self.server + "/api/v1/", timeout=2).close()
                return self
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        sys.exit(f"dynod did not start: see {self.log.name}")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
