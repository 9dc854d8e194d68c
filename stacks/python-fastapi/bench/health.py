"""Liveness and readiness."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from bench.database import Db

router = APIRouter()


@router.get("/health", response_class=PlainTextResponse)
async def health() -> str:
    return "ok"


@router.get("/ready", response_class=PlainTextResponse)
async def ready(database: Db) -> str:
    await database.check()
    return "ok"
