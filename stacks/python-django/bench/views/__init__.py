"""The views, a module a group of workloads, and the errors they share."""

from django.http import HttpRequest, JsonResponse


def bad_request(_request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    return JsonResponse({"error": "Bad request"}, status=400)


def not_found(_request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    return JsonResponse({"error": "Not found"}, status=404)


def too_large() -> JsonResponse:
    return JsonResponse({"error": "Payload too large"}, status=413)


def internal_error(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({"error": "Internal error"}, status=500)
