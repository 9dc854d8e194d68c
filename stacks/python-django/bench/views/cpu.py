"""Work for the processor, on the event loop or, with offload=1, in a pool of processes."""

import asyncio
import os
from concurrent.futures import ProcessPoolExecutor
from functools import cache

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from bench.numbers import parse_within
from bench.views import bad_request
from bench.work import work


@cache
def pool() -> ProcessPoolExecutor:
    """Made by the first request that asks for it: a run without cpu_offload has no processes it does not use."""
    return ProcessPoolExecutor(max_workers=int(os.environ.get("BENCH_CPUS", "1")))


@require_safe
async def compute(request: HttpRequest) -> HttpResponse:
    kind = request.GET.get("kind")
    n = parse_within(request.GET.get("n", ""), 1, 10_000_000)
    if kind not in ("hash", "sieve") or n is None:
        return bad_request(request)
    if request.GET.get("offload") == "1":
        result = await asyncio.get_running_loop().run_in_executor(pool(), work, kind, n)
    else:
        result = work(kind, n)
    return JsonResponse({"kind": kind, "n": n, "result": result})
