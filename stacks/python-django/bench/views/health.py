"""Liveness and readiness."""

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout

from bench.database import Error, check, unavailable


@require_safe
async def health(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
async def ready(_request: HttpRequest) -> HttpResponse:
    try:
        await sync_to_async(check)()
    except (Error, PoolTimeout) as error:
        return unavailable(error)
    return HttpResponse("ok", content_type="text/plain")
