"""One row by its key."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path
from pydantic import BaseModel

from bench.database import Db

router = APIRouter()

UserId = Annotated[int, Path(ge=1, le=2147483647)]


class User(BaseModel):
    id: int
    name: str
    email: str


@router.get("/users/{id}")
async def show_user(id: UserId, database: Db) -> User:
    async with database.connection() as connection:
        row = await connection.fetchrow("SELECT id, name, email FROM users WHERE id = $1", id)
    if row is None:
        raise HTTPException(404)
    return User(**row)
