"""A page from a template."""

from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader

from bench.database import Db

router = APIRouter()

# Without auto_reload=False the template's file would be looked at for each request.
templates = Jinja2Templates(
    env=Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, auto_reload=False)
)

QUERIES = {"": "SELECT id, message FROM fortune", "200": "SELECT id, message FROM fortune200"}

FortuneSet = Annotated[Literal["", "200"], Query(alias="set")]


@router.get("/fortunes", response_class=HTMLResponse)
async def show_fortunes(request: Request, database: Db, chosen: FortuneSet = "") -> HTMLResponse:
    async with database.connection() as connection:
        rows = [tuple(row) for row in await connection.fetch(QUERIES[chosen])]
    rows.append((0, "Additional fortune added at request time."))
    rows.sort(key=lambda row: row[1])
    return templates.TemplateResponse(request, "fortunes.html", {"rows": rows})
