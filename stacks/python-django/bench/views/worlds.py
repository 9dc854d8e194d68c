"""Rows of the table world: read one, read many, write many."""

from random import randint, sample

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from bench.database import uses_database
from bench.models import World
from bench.numbers import row_count

ROWS = 10_000


def to_json(world: World) -> dict[str, int]:
    return {"id": world.id, "randomNumber": world.random_number}


async def read() -> World:
    return await World.objects.aget(pk=randint(1, ROWS))


async def renumber(id: int) -> World:
    world = await World.objects.aget(pk=id)
    drawn = randint(1, ROWS - 1)
    world.random_number = drawn if drawn < world.random_number else drawn + 1  # any but the old one
    await world.asave(update_fields=["random_number"])
    return world


@require_safe
@uses_database
async def show_world(_request: HttpRequest) -> HttpResponse:
    return JsonResponse(to_json(await read()))


@require_safe
@uses_database
async def list_worlds(request: HttpRequest) -> HttpResponse:
    count = row_count(request.GET.get("n", ""))
    return JsonResponse([to_json(await read()) for _ in range(count)], safe=False)


@require_POST
@uses_database
async def update_worlds(request: HttpRequest) -> HttpResponse:
    ids = sample(range(1, ROWS + 1), row_count(request.GET.get("n", "")))
    return JsonResponse([to_json(await renumber(id)) for id in ids], safe=False)
