"""The application: routers, and the one shape every error has."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from bench import health, hello

app = FastAPI(title="python-fastapi")
app.include_router(health.router)
app.include_router(hello.router)


@app.exception_handler(HTTPException)
async def http_error(_request: Request, error: HTTPException) -> JSONResponse:
    text = "Not found" if error.status_code == 404 else str(error.detail)
    return JSONResponse({"error": text}, status_code=error.status_code, headers=error.headers)


@app.exception_handler(RequestValidationError)
async def bad_request(_request: Request, _error: RequestValidationError) -> JSONResponse:
    return JSONResponse({"error": "Bad request"}, status_code=400)
