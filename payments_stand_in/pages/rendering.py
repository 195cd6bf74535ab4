"""Rendering of the pages, and the way back to the shop."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from jinja2 import Environment, FileSystemLoader
from starlette.responses import HTMLResponse, RedirectResponse, Response

from payments_stand_in.stripe.currencies import shown

TEMPLATES = Path(__file__).parent / "templates"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
ENVIRONMENT = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True)
ENVIRONMENT.globals["money"] = shown


def page(name: str, status: int = 200, **values: Any) -> Response:
    html = ENVIRONMENT.get_template(f"{name}.html").render(**values)
    return HTMLResponse(html, status, {"Content-Security-Policy": POLICY})


def done(text: str, *, status: int = 200) -> Response:
    """Return a page of one sentence."""
    return page("done", status, text=text)


def back(url: str | None, text: str, **parameters: str) -> Response:
    """Send the buyer back to the shop with parameters, or show the text if it gave no address."""
    if not url:
        return done(text)
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query), *parameters.items()])
    return RedirectResponse(urlunsplit(parts._replace(query=query)), 303)
