"""The scaled mode: gunicorn over one uvicorn worker a CPU."""

import os

workers = int(os.environ.get("BENCH_CPUS", "1"))
os.environ["WEB_CONCURRENCY"] = str(workers)  # the settings divide the connections by it

bind = f"0.0.0.0:{os.environ.get('PORT', '8080')}"
worker_class = "uvicorn_worker.UvicornWorker"
worker_tmp_dir = "/dev/shm"
# A slow open-loop phase leaves connections idle for longer than the 2 s of gunicorn.
keepalive = 75
graceful_timeout = 5
# No stack writes an access log; warnings and errors stay.
accesslog = None
loglevel = "warning"


def post_worker_init(_worker) -> None:
    """Of several workers /ready reaches only one; the pools of all are opened here, and filled behind their backs."""
    from bench.database import open_pool

    open_pool()
