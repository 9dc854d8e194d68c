"""The score of a sample by a model."""

import json

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from bench.predictor import score_of
from bench.serializers import Sample, count_errors
from bench.views import bad_request, too_large


@require_POST
async def predict(request: HttpRequest) -> HttpResponse:
    try:
        data = json.loads(request.body)
    except RequestDataTooBig:
        return too_large()
    except ValueError:
        return bad_request(request)
    sample = Sample(data=data)
    if not sample.is_valid():
        return JsonResponse({"valid": False, "errors": count_errors(sample.errors)}, status=422)
    score = score_of(sample.validated_data["features"])
    return JsonResponse({"label": int(score >= 0.5), "score": score})
