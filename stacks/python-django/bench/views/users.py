"""One row by its key."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from bench.database import uses_database
from bench.models import User
from bench.numbers import parse_within
from bench.views import bad_request, not_found


@require_safe
async def show_user(request: HttpRequest, id: str) -> HttpResponse:
    key = parse_within(id, 1, 2147483647)
    return bad_request(request) if key is None else await read_user(request, key)


@uses_database
async def read_user(request: HttpRequest, id: int) -> HttpResponse:
    try:
        user = await User.objects.aget(pk=id)
    except User.DoesNotExist:
        return not_found(request)
    return JsonResponse({"id": user.id, "name": user.name, "email": user.email})
