"""Starts uvicorn as its command line would, sized by the environment of the run."""

import os
import signal
import sys

import uvicorn

from bench.settings import read_settings


def main() -> None:
    # uvicorn raises the signal that stopped it once more when it is done; that is the end, and a good one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # A run may come with a WEB_CONCURRENCY of its own, which uvicorn would obey; the mode decides, not the variable.
    os.environ["WEB_CONCURRENCY"] = os.environ.get("BENCH_CPUS", "1") if "--scaled" in sys.argv[1:] else "1"
    settings = read_settings()
    uvicorn.run(
        "bench.app:app",
        host="0.0.0.0",
        port=settings.port,
        workers=settings.workers,
        # No stack writes an access log; warnings and errors stay.
        access_log=False,
        log_level="warning",
        # A slow open-loop phase leaves connections idle for longer than uvicorn's own 5 s.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
        ws_max_size=64 * 1024,
        ws_per_message_deflate=False,
    )


if __name__ == "__main__":
    main()
