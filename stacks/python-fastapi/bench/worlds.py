"""Rows of the table world: read one, read many, write many."""

from random import randint, sample
from typing import Annotated

from asyncpg.pool import PoolConnectionProxy
from fastapi import APIRouter, Query
from pydantic import BaseModel

from bench.database import Db
from bench.numbers import row_count

router = APIRouter()

ROWS = 10_000
READ = 'SELECT id, random_number AS "randomNumber" FROM world WHERE id = $1'
WRITE = "UPDATE world SET random_number = $1 WHERE id = $2"

RowCount = Annotated[str, Query(alias="n")]


class World(BaseModel):
    id: int
    randomNumber: int


async def read(connection: PoolConnectionProxy, id: int) -> World:
    return World(**await connection.fetchrow(READ, id))


async def renumber(connection: PoolConnectionProxy, id: int) -> World:
    world = await read(connection, id)
    drawn = randint(1, ROWS - 1)
    world.randomNumber = drawn if drawn < world.randomNumber else drawn + 1  # any but the old one
    await connection.execute(WRITE, world.randomNumber, id)
    return world


@router.get("/db")
async def show_world(database: Db) -> World:
    async with database.connection() as connection:
        return await read(connection, randint(1, ROWS))


@router.get("/queries")
async def list_worlds(database: Db, count: RowCount = "1") -> list[World]:
    async with database.connection() as connection:
        return [await read(connection, randint(1, ROWS)) for _ in range(row_count(count))]


@router.post("/updates")
async def update_worlds(database: Db, count: RowCount = "1") -> list[World]:
    async with database.connection() as connection:
        return [await renumber(connection, id) for id in sample(range(1, ROWS + 1), row_count(count))]
