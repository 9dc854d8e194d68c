"""Liveness and readiness."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

router = APIRouter()


@router.get("/health", response_class=PlainTextResponse)
async def health() -> str:
    return "ok"


@router.get("/ready", response_class=PlainTextResponse)
async def ready() -> str:
    return "ok"
