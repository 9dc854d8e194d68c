"""The pool, and what becomes of a request when the database fails."""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

log = logging.getLogger("bench")

type View = Callable[..., Awaitable[HttpResponse]]


# A request keeps its connection to the end, so under load a place may be long in coming. They wait here and not in
# the pool, where waiting for a place and waiting for a dead database are the same, and cut off after a second and a half.
places = asyncio.Semaphore(settings.DATABASE_CONNECTIONS)


def uses_database(view: View) -> View:
    """A view that answers 503 while the database fails, or when the run has none."""

    @functools.wraps(view)
    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not has_database():
            return unavailable("this run has no database")
        try:
            async with places:
                return await view(request, *args, **kwargs)
        except Error as error:
            return unavailable(error)

    return guarded


def unavailable(reason: object) -> HttpResponse:
    log.error("database: %s", reason)
    return JsonResponse({"error": "Service unavailable"}, status=503)


def has_database() -> bool:
    return bool(settings.DATABASES["default"].get("NAME"))


def open_pool() -> None:
    """Begins to fill the pool, in threads of its own."""
    if has_database():
        connection.pool.open()


def check() -> None:
    """The pool is full and the database answers. Without a database there is nothing to wait for."""
    if not has_database():
        return
    open_pool()
    fill()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@functools.cache
def fill() -> None:
    """Holds every connection at once, so that no request has to wait for one later. Remembered once it succeeded."""
    pool = connection.pool
    end = monotonic() + 1.5
    held = []
    try:
        while len(held) < pool.max_size:
            held.append(pool.getconn(timeout=end - monotonic()))
    finally:
        for taken in held:
            pool.putconn(taken)
