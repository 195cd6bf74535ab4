"""No access query takes a caller without an account for the owner of a row that has none."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ClauseElement
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

import services
from core.errors import NotSignedIn
from core.ids import new_id
from services.viewer import Viewer

IS_NULL = re.compile(r'(\w+)"?\.(\w+) IS NULL')


def _access_queries() -> Iterator[tuple[str, Callable[[Viewer], Any]]]:
    """Yield the functions of services that take a viewer alone."""
    for module in pkgutil.walk_packages(services.__path__, "services."):
        for name, found in vars(importlib.import_module(module.name)).items():
            if not inspect.isfunction(found) or found.__module__ != module.name:
                continue
            needed = [
                one.name
                for one in inspect.signature(found).parameters.values()
                if one.default is one.empty
            ]
            if needed == ["viewer"]:
                yield f"{module.name}.{name}", found


def _null_columns(query: Callable[[Viewer], Any], viewer: Viewer) -> set[str]:
    """Return the columns with missing users that a query matches."""
    try:
        rows = query(viewer)
    except NotSignedIn:
        return set()
    if not isinstance(rows, ClauseElement):
        return set()
    tables = SQLModel.metadata.tables
    compiled = str(rows.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    return {
        f"{table}.{column}"
        for table, column in IS_NULL.findall(compiled)
        if table in tables and column in tables[table].c and tables[table].c[column].nullable
    }


def test_rows_without_a_user_are_not_those_of_anonymous_callers() -> None:
    queries = {
        name: query
        for name, query in _access_queries()
        if name.rpartition(".")[2].startswith(("visible_", "managed_", "seen_"))
    }
    assert len(queries) > 50
    user, found = Viewer(new_id()), {}
    for name, query in queries.items():
        added = _null_columns(query, Viewer()) - _null_columns(query, user)
        # A constraint of the table gives each wallet an owner.
        if added := added - {"ledger_account.owner_id"}:
            found[name] = added
    assert found == {}
