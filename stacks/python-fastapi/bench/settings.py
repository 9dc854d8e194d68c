"""What the environment of the run says."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    port: int
    cpus: int
    workers: int
    database_url: str | None
    database_connections: int


def read_settings() -> Settings:
    workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
    return Settings(
        port=int(os.environ.get("PORT", "8080")),
        cpus=int(os.environ.get("BENCH_CPUS", "1")),
        workers=workers,
        database_url=os.environ.get("DATABASE_URL"),
        # The number given is for the whole stack.
        database_connections=max(1, int(os.environ.get("BENCH_DB_CONNECTIONS", "20")) // workers),
    )
