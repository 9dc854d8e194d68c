"""The pool of connections, and what becomes of a request when the database fails."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import asyncpg
from fastapi import Depends, Request
from fastapi.responses import JSONResponse

log = logging.getLogger("bench")

# A failure may take two seconds.
CONNECT_SECONDS = 1.5
STATEMENT_SECONDS = 1.8
# A request holds its connection to the end, so under load a place may be long in coming.
PLACE_SECONDS = 10


class Unavailable(Exception):
    """The database does not answer, or the run has none."""


async def unavailable_answer(_request: Request, error: Exception) -> JSONResponse:
    log.error("database: %r", error.__cause__ or error)
    return JSONResponse({"error": "Service unavailable"}, status_code=503)


async def keep_session(_connection: Any) -> None:
    """Instead of asyncpg's reset, a statement of its own after each request: nothing here changes a session."""


class Database:
    def __init__(self, url: str | None, connections: int) -> None:
        self._url = url
        self._connections = connections
        self._pool: asyncpg.Pool | None = None
        self._is_full = False
        self._filling = asyncio.Lock()

    async def open(self) -> None:
        """Connects to nothing yet: a stack starts while its database is down."""
        if self._url is None:
            return
        self._pool = await asyncpg.create_pool(
            self._url,
            min_size=0,
            max_size=self._connections,
            max_inactive_connection_lifetime=0,
            timeout=CONNECT_SECONDS,
            command_timeout=STATEMENT_SECONDS,
            reset=keep_session,
        )

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
        if self._pool is None:
            raise Unavailable("this run has no database")
        try:
            async with self._pool.acquire(timeout=PLACE_SECONDS) as connection:
                try:
                    yield connection
                except (TimeoutError, asyncio.CancelledError, asyncpg.InternalClientError):
                    connection.terminate()  # giving it back would wait for a frozen server to confirm a cancellation
                    raise
        # The internal error is what a statement gets whose connection the server is just ending.
        except (
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
            OSError,
            TimeoutError,
        ) as error:
            raise Unavailable from error

    async def check(self) -> None:
        """The pool is full and the database answers. Without a database there is nothing to wait for."""
        if self._pool is None:
            return
        try:
            async with asyncio.timeout(STATEMENT_SECONDS):
                async with self._filling:
                    if not self._is_full:
                        await self._fill(self._pool)
                        self._is_full = True
                async with self.connection() as connection:
                    await connection.fetchval("SELECT 1")
        except TimeoutError as error:
            raise Unavailable from error

    async def _fill(self, pool: asyncpg.Pool) -> None:
        """Holds every connection at once, so that no request has to open one later."""
        attempts = [pool.acquire(timeout=CONNECT_SECONDS) for _ in range(self._connections)]
        outcomes = await asyncio.gather(*attempts, return_exceptions=True)
        for outcome in outcomes:
            if not isinstance(outcome, BaseException):
                await pool.release(outcome)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise Unavailable from outcome


async def get_database(request: Request) -> Database:
    return request.app.state.database


Db = Annotated[Database, Depends(get_database)]
