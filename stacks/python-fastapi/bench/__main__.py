"""Starts uvicorn as its command line would, sized by the environment of the run."""

import os
import signal
import sys

import uvicorn


def main() -> None:
    # uvicorn raises the signal that stopped it once more when it is done; that is the end, and a good one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # WEB_CONCURRENCY is in the environment of every run and uvicorn would obey it, so the count is always given.
    workers = int(os.environ.get("BENCH_CPUS", "1")) if "--scaled" in sys.argv[1:] else 1
    uvicorn.run(
        "bench.app:app",
        host="0.0.0.0",
        port=int(os.environ.get("PORT", "8080")),
        workers=workers,
        # No stack writes an access log; warnings and errors stay.
        access_log=False,
        log_level="warning",
        # A slow open-loop phase leaves connections idle for longer than uvicorn's own 5 s.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=8,
    )


if __name__ == "__main__":
    main()
