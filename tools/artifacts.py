"""What is made from the code and committed beside it: the schema as text, and its documents."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import strawberry

from core.settings import HOME
from tools.breaking_changes import broken, unannounced
from tools.documents import documents
from tools.sdl import graph_of, sdl

SDL = HOME / "schema/schema.graphql"
RELEASED = HOME / "schema/released.graphql"
DOCS = HOME / "docs"


def write(schema: strawberry.Schema) -> None:
    """Write the schema as it is now."""
    SDL.write_text(sdl(schema))


def release(schema: strawberry.Schema, today: date) -> list[str]:
    """Promise the schema as it is now to clients; or say what of the last promise it breaks."""
    current = sdl(schema)
    last = RELEASED.read_text() if RELEASED.exists() else current
    problems = broken(last, current, today) + unannounced(last, current, today)
    if not problems:
        RELEASED.write_text(current)
    return problems


def made(schema: strawberry.Schema) -> Iterator[tuple[Path, str]]:
    """Every document that is made from the code, and what it must say."""
    for name, text in documents(graph_of(schema)).items():
        yield DOCS / name, text


def write_documents(schema: strawberry.Schema) -> Iterator[Path]:
    for path, text in made(schema):
        path.write_text(text)
        yield path
