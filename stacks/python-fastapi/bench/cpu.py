"""Work for the processor, on the event loop or, with offload=1, in a pool of processes."""

import asyncio
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from bench.settings import read_settings
from bench.work import Kind, work

router = APIRouter()

Rounds = Annotated[int, Query(ge=1, le=10_000_000)]


class Computed(BaseModel):
    kind: str
    n: int
    result: str


@cache
def pool() -> ProcessPoolExecutor:
    """Made by the first request that asks for it: a run without cpu_offload has no processes it does not use."""
    return ProcessPoolExecutor(max_workers=read_settings().cpus)


def close() -> None:
    """Waits for the pool's processes: one that outlived its worker would hold up the end of the server above it."""
    if pool.cache_info().currsize > 0:
        pool().shutdown(cancel_futures=True)


@router.get("/cpu")
async def compute(kind: Kind, n: Rounds, offload: Literal["1"] | None = None) -> Computed:
    if offload is None:
        return Computed(kind=kind, n=n, result=work(kind, n))
    result = await asyncio.get_running_loop().run_in_executor(pool(), work, kind, n)
    return Computed(kind=kind, n=n, result=result)
