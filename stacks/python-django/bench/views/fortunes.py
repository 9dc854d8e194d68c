"""A page from a template."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bench.database import uses_database
from bench.models import Fortune, Fortune200
from bench.views import bad_request

TABLES = {"": Fortune, "200": Fortune200}


@require_safe
@uses_database
async def show_fortunes(request: HttpRequest) -> HttpResponse:
    table = TABLES.get(request.GET.get("set", ""))
    if table is None:
        return bad_request(request)
    rows = [row async for row in table.objects.all()]
    rows.append(table(id=0, message="Additional fortune added at request time."))
    rows.sort(key=lambda row: row.message)
    return render(request, "fortunes.html", {"rows": rows})
