"""An order against its schema."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from bench.body import LimitedRoute

router = APIRouter(route_class=LimitedRoute)


class Strict(BaseModel):
    """Judges what came: nothing is converted, no further key is let through."""

    model_config = ConfigDict(extra="forbid", strict=True)


class OrderItem(Strict):
    sku: Annotated[str, Field(pattern="^[A-Z]{3}-[0-9]{4}$")]
    quantity: Annotated[int, Field(ge=1, le=100)]
    unit_price_cents: Annotated[int, Field(ge=0, le=1_000_000)]


class Order(Strict):
    order_id: Annotated[str, Field(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
    email: Annotated[str, Field(max_length=254, pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")]
    items: Annotated[list[OrderItem], Field(min_length=1, max_length=20)]
    coupon: Annotated[str, Field(max_length=16)] | None = None


class Valid(BaseModel):
    valid: Literal[True] = True
    total_cents: int


@router.post("/validate")
async def validate(order: Order) -> Valid:
    return Valid(total_cents=sum(item.quantity * item.unit_price_cents for item in order.items))
