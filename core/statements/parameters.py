"""Parameters of statements that are written once."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, DateTime, bindparam
from sqlalchemy.types import TypeEngine

from core.clock import now


def current_time() -> BindParameter[datetime]:
    """Return the time at which a statement is sent, by the clock of this process."""
    return bindparam("current_time", callable_=now, type_=DateTime(timezone=True))


def given(conditions: object, parameters: Mapping[str, TypeEngine[Any]]) -> dict[str, Any]:
    """Return the values of those conditions that are parameters of a statement and not None."""
    found = {name: getattr(conditions, name) for name in parameters}
    return {name: value for name, value in found.items() if value is not None}


def placeholders(names: Iterable[str], parameters: Mapping[str, TypeEngine[Any]]) -> dict[str, Any]:
    """Return parameters in the place of values, to write a statement for all values."""
    return {name: bindparam(name, type_=parameters[name]) for name in names}
