"""A list made by formula: the workload of the JSON library."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from bench.numbers import clamp, is_integer, parse_within
from bench.views import bad_request


@require_safe
async def list_items(request: HttpRequest, count: str) -> HttpResponse:
    m = parse_within(request.GET.get("m", ""), 1, 9)
    if m is None or not is_integer(count):
        return bad_request(request)
    size = clamp(count, 1, 50)
    return JsonResponse({"items": [new_item(i, m) for i in range(1, size + 1)], "count": size})


def new_item(id: int, m: int) -> dict[str, int | str]:
    price = 100 + 37 * id % 900
    quantity = 1 + id % 10
    return {"id": id, "name": f"Item {id}", "price": price, "quantity": quantity, "total": price * quantity * m}
