"""Statements that are written once for each kind of viewer."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Executable, Uuid, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar

from core.statements.selected import Selected, columns_of, join
from core.statements.statement import KEYS, Statement, any_of
from models.base import Row
from services.viewer import ANONYMOUS, Viewer

Result = TypeVar("Result")
Table = TypeVar("Table", bound=Row)

NEWEST = ("created_at", "id")  # what children are ordered by
MAX_KEPT = 128  # of one loader: by kinds of viewers, selections of columns, and limits


class ViewerStatement(Generic[Result]):
    """A statement for each kind of viewer and selection of columns, and for each limit if any.

    `write` is called with a viewer whose ids are parameters, so that no statement contains those of
    one caller. What it decides by a viewer's other attributes is decided once for each kind. If it
    reads nothing of the viewer, all viewers share one statement, and changes that many subscribers
    receive are executed once for all of them.
    """

    def __init__(self, write: Callable[..., Executable], table: type[Result]) -> None:
        self._write = write
        self._is_for_all: bool | None = None

        def compile_for(
            viewer: Viewer, selected: Selected | None, *limit: int
        ) -> Statement[Result]:
            return Statement(write(viewer, selected, *limit), table, selected)

        self._compiled = lru_cache(maxsize=MAX_KEPT)(compile_for)

    def of(self, viewer: Viewer, selected: Selected | None, *limit: int) -> Statement[Result]:
        """Return the statement. Reads `viewer` only if the statement differs between viewers."""
        if self._is_for_all is None:
            self._is_for_all = _reads_no_viewer(self._write, *limit)
        return self._compiled(ANONYMOUS if self._is_for_all else viewer.kind, selected, *limit)


class _ViewerRead(Exception):
    """Raised by `_NoViewer`."""


class _NoViewer:
    def __getattribute__(self, name: str) -> Any:
        raise _ViewerRead


def _reads_no_viewer(write: Callable[..., Executable], *limit: int) -> bool:
    try:
        write(_NoViewer(), None, *limit)
    except _ViewerRead:
        return False
    return True


def by_ids(
    rows: Callable[[Viewer], SelectOfScalar[Table]], table: type[Table]
) -> ViewerStatement[Table]:
    """Select the rows with ids in `keys`, through their access query."""

    def write(viewer: Viewer, selected: Selected | None) -> Executable:
        columns = columns_of(table, selected)
        readable = rows(viewer).with_only_columns(*columns, maintain_column_froms=True)
        return join(readable.where(any_of(col(table.id))), selected)

    return ViewerStatement(write, table)


def newest_children(
    rows: Callable[[Viewer], SelectOfScalar[Table]], table: type[Table], parent: str
) -> ViewerStatement[Table]:
    """Select the newest children of each parent in `keys`, through their access query.

    LATERAL reads as many rows of the index as it returns. `row_number()` took twice as long.
    """

    def write(viewer: Viewer, selected: Selected | None, limit: int) -> Executable:
        ids = func.unnest(bindparam(KEYS, type_=ARRAY(Uuid())))
        parents = ids.table_valued(Column("id", Uuid()), name="parent").render_derived()
        newest = (
            rows(viewer)
            .with_only_columns(
                *columns_of(table, selected, parent, *NEWEST), maintain_column_froms=True
            )
            .where(getattr(table, parent) == parents.c.id)
            .order_by(col(table.created_at).desc(), col(table.id).desc())
            .limit(limit)
            .lateral("child")
        )
        children = select(newest).select_from(parents.join(newest, true()))
        return join(children, selected, NEWEST, descending=True)

    return ViewerStatement(write, table)
