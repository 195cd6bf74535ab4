"""Imports all `models`, for code that needs every table and refusal."""

import importlib
import pkgutil

from sqlmodel import SQLModel

import models

for _module in pkgutil.walk_packages(models.__path__, "models."):
    if _module.name != __name__:
        importlib.import_module(_module.name)


def append_only_tables() -> list[str]:
    """Return the names of the tables that are declared with `APPEND_ONLY`."""
    tables = SQLModel.metadata.tables.values()
    return sorted(table.name for table in tables if table.info.get("append_only"))
