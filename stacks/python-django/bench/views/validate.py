"""An order against its schema."""

import json

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from bench.serializers import Order, count_errors
from bench.views import bad_request, too_large


@require_POST
async def validate(request: HttpRequest) -> HttpResponse:
    try:
        data = json.loads(request.body)
    except RequestDataTooBig:
        return too_large()
    except ValueError:
        return bad_request(request)
    order = Order(data=data)
    if not order.is_valid():
        return JsonResponse({"valid": False, "errors": count_errors(order.errors)}, status=422)
    total = sum(item["quantity"] * item["unit_price_cents"] for item in order.validated_data["items"])
    return JsonResponse({"valid": True, "total_cents": total})
