"""The two smallest workloads: plaintext and json."""

import re

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from bench.views import bad_request

NAME = re.compile(r"[A-Za-z0-9]{1,32}")


@require_safe
async def plaintext(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("Hello, World!", content_type="text/plain")


@require_safe
async def greet(request: HttpRequest) -> HttpResponse:
    name = request.GET.get("name", "World")
    if not NAME.fullmatch(name):
        return bad_request(request)
    return JsonResponse({"message": f"Hello, {name}!"})
