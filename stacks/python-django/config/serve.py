"""Starts uvicorn with one process, as its command line would."""

import os
import signal
import sys

import uvicorn


def main() -> None:
    # uvicorn raises the signal that stopped it once more when it is done; that is the end, and a good one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # A run may come with a WEB_CONCURRENCY of its own, which uvicorn would obey; the mode decides, not the variable.
    os.environ["WEB_CONCURRENCY"] = "1"
    uvicorn.run(
        "config.asgi:application",
        host="0.0.0.0",
        port=int(os.environ.get("PORT", "8080")),
        lifespan="off",
        # No stack writes an access log; warnings and errors stay.
        access_log=False,
        log_level="warning",
        # A slow open-loop phase leaves connections idle for longer than uvicorn's own 5 s.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
        ws="none",
    )


if __name__ == "__main__":
    main()
