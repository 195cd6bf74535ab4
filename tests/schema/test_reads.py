"""Functions of fields read no column of their row that the field does not declare.

A query for such a field alone reads rows without the column, and fails.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import strawberry
from graphql import GraphQLSchema

from engine.field_kinds import NODE_ID, Column, Loaded, needs
from engine.types import Rows
from tests.schema.test_field_kinds import fields


def names_of(function: Callable[..., Any]) -> set[str]:
    """Return the attributes that a function names of its first argument."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    first = next(iter(inspect.signature(function).parameters))
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == first
    }


def columns_read(table: Any, names: set[str], seen: set[str] | None = None) -> set[str]:
    """Return the columns that these attributes of a row read, also through its own methods."""
    seen = set() if seen is None else seen
    columns = {column.key for column in table.__table__.columns}
    found = names & columns
    for name in names - columns - seen:
        seen.add(name)
        member = inspect.getattr_static(table, name, None)
        member = member.fget if isinstance(member, property) else member
        if inspect.isfunction(member):
            found |= columns_read(table, names_of(member), seen)
    return found


def names_read(field: Any) -> set[str]:
    if isinstance(field, Loaded):
        return names_of(field.make)
    if isinstance(field, Column):
        return {field.attribute.split(".")[0]}
    if field.base_resolver is not None and field.python_name != NODE_ID:
        return names_of(field.base_resolver.wrapped_func)
    return set()


def test_fields_read_the_columns_that_they_declare(
    haat: strawberry.Schema, graph: GraphQLSchema
) -> None:
    undeclared = {
        f"{name} reads {column}"
        for name, kind, field in fields(haat, graph)
        if issubclass(kind, Rows)
        for column in columns_read(kind.table, names_read(field)) - {"id", *(needs(field) or ())}
    }
    assert undeclared == set()
