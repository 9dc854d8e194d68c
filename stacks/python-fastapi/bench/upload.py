"""A body counted as it comes in."""

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel

router = APIRouter()

LIMIT = 64 * 1024 * 1024


class Received(BaseModel):
    bytes: int


@router.post("/upload")
async def upload(request: Request) -> Received:
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > LIMIT:
            raise HTTPException(413)
    return Received(bytes=received)
