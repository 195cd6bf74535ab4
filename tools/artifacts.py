"""The generated and committed files: SDL and reference documents."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import strawberry
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.settings import HOME
from tools import doc_errors, doc_limits, doc_permissions, doc_schema, doc_scopes
from tools.breaking_changes import breaking_changes, undated_deprecations
from tools.sdl import graph_of, sdl

SDL = HOME / "schema/schema.graphql"
RELEASED = HOME / "schema/released.graphql"
DOCS = HOME / "docs"


def write_schema(schema: strawberry.Schema) -> None:
    SDL.write_text(sdl(schema))


def release(schema: strawberry.Schema, today: date) -> list[str]:
    """Write schema/released.graphql, unless the schema breaks it. Returns what is broken."""
    current = sdl(schema)
    last = RELEASED.read_text() if RELEASED.exists() else current
    problems = breaking_changes(last, current, today) + undated_deprecations(last, current, today)
    if not problems:
        RELEASED.write_text(current)
    return problems


def documents(schema: strawberry.Schema) -> Iterator[tuple[Path, str]]:
    """Render every document, with default settings."""
    graph = graph_of(schema)
    contexts = {
        "errors.md": doc_errors.context(graph),
        "limits.md": doc_limits.context(graph),
        "permissions.md": doc_permissions.context(),
        "schema.md": doc_schema.context(graph),
        "scopes.md": doc_scopes.context(graph),
    }
    for name, context in contexts.items():
        yield DOCS / name, templates.get_template(name).render(context)


def write_documents(schema: strawberry.Schema) -> Iterator[Path]:
    for path, text in documents(schema):
        path.write_text(text)
        yield path


def _table(rows: list[tuple[str, ...]]) -> str:
    heading, *rest = rows
    lines = [heading, ("---",) * len(heading), *rest]
    return "".join(f"| {' | '.join(row)} |\n" for row in lines)


def _anchored(name: str) -> str:
    return f"[{name}](#{name.lower()})"


templates = Environment(  # noqa: S701 - renders Markdown from our own code, no user input
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)
templates.globals["table"] = _table
templates.filters["code"] = lambda name: f"`{name}`"
templates.filters["anchored"] = _anchored
