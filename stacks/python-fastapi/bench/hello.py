"""The two smallest workloads: plaintext and json."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

router = APIRouter()

Name = Annotated[str, Query(pattern="^[A-Za-z0-9]{1,32}$")]


class Greeting(BaseModel):
    message: str


@router.get("/plaintext", response_class=PlainTextResponse)
async def plaintext() -> str:
    return "Hello, World!"


@router.get("/json")
async def greet(name: Name = "World") -> Greeting:
    return Greeting(message=f"Hello, {name}!")
