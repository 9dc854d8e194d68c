"""The application: its life, its routers, and the one shape every error has."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from bench import cpu, fortunes, health, hello, items, predict, sse, upload, users, validate, worlds, ws
from bench.database import Database, Unavailable, unavailable_answer
from bench.settings import read_settings


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings = read_settings()
    database = Database(settings.database_url, settings.database_connections)
    await database.open()
    app.state.database = database
    # Of several workers /ready reaches only one.
    filling = asyncio.create_task(fill(database)) if settings.workers > 1 else None
    yield
    if filling is not None:
        filling.cancel()
    cpu.close()
    await database.close()


async def fill(database: Database) -> None:
    while True:
        with suppress(Unavailable):
            return await database.check()
        await asyncio.sleep(0.5)


app = FastAPI(title="python-fastapi", lifespan=lifespan)
for part in (health, hello, items, validate, predict, cpu, upload, users, worlds, fortunes, sse, ws):
    app.include_router(part.router)
app.add_exception_handler(Unavailable, unavailable_answer)

ERROR_TEXTS = {400: "Bad request", 404: "Not found", 405: "Method not allowed", 413: "Payload too large"}


@app.exception_handler(HTTPException)
async def http_error(_request: Request, error: HTTPException) -> JSONResponse:
    text = ERROR_TEXTS.get(error.status_code, str(error.detail))
    return JSONResponse({"error": text}, status_code=error.status_code, headers=error.headers)


@app.exception_handler(RequestValidationError)
async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
    """FastAPI has one answer for a wrong path, a broken JSON and a broken schema; the contract has two."""
    problems = error.errors()
    is_schema = all(problem["loc"][0] == "body" and problem["type"] != "json_invalid" for problem in problems)
    if is_schema:
        return JSONResponse({"valid": False, "errors": len(problems)}, status_code=422)
    return JSONResponse({"error": "Bad request"}, status_code=400)
