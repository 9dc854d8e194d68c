"""A list made by formula: the workload of the JSON library."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from bench.numbers import clamp

router = APIRouter()

# Text, because a count of any length is clamped and not refused.
Count = Annotated[str, Path(pattern="^-?[0-9]+$")]
Factor = Annotated[int, Query(ge=1, le=9)]


class Item(BaseModel):
    id: int
    name: str
    price: int
    quantity: int
    total: int


class ItemList(BaseModel):
    items: list[Item]
    count: int


@router.get("/items/{count}")
async def list_items(count: Count, m: Factor) -> ItemList:
    size = clamp(count, 1, 50)
    return ItemList(items=[new_item(i, m) for i in range(1, size + 1)], count=size)


def new_item(id: int, m: int) -> Item:
    price = 100 + 37 * id % 900
    quantity = 1 + id % 10
    return Item(id=id, name=f"Item {id}", price=price, quantity=quantity, total=price * quantity * m)
