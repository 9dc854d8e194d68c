"""Bodies with a limit, which FastAPI leaves to whoever needs one."""

from collections.abc import Callable
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute


async def read_limited(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise HTTPException(413)
    return bytes(body)


class LimitedRequest(Request):
    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            self._body = await read_limited(self, 64 * 1024)
            if not self._body:
                raise HTTPException(400)  # for FastAPI it would be a missing field; it is no JSON
        return self._body


class LimitedRoute(APIRoute):
    """A route whose body is JSON of up to 64 KiB."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        handle = super().get_route_handler()

        async def limited(request: Request) -> Response:
            return await handle(LimitedRequest(request.scope, request.receive))

        return limited
