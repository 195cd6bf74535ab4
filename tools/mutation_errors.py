"""Which expected "no" each mutation can answer, read from its source and all that it calls."""

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from graphql import GraphQLSchema
from pydantic import BaseModel
from sqlmodel import SQLModel

from models.errors import ErrorCode, Refusal

OURS = ("resolvers", "schema", "services", "gateways", "models", "core")

# No code of ours raises these: the database does, by the constraint that each of them names.
BY_CONSTRAINT: Mapping[ErrorCode, tuple[str, ...]] = {
    ErrorCode.EMAIL_TAKEN: ("register",),
    ErrorCode.CAPACITY_BELOW_CLAIMED: ("updateOffer",),
    ErrorCode.CANNED_REPLY_TITLE_TAKEN: ("saveCannedReply",),
    ErrorCode.ALREADY_REPORTED: ("reportMessage",),
}


def mutations_by_code(graph: GraphQLSchema) -> dict[ErrorCode, list[str]]:
    """The mutations that can answer each code, in the order of the schema."""
    found: dict[ErrorCode, list[str]] = {code: [] for code in ErrorCode}
    for name, field in graph.mutation_type.fields.items() if graph.mutation_type else ():
        definition: Any = field.extensions["strawberry-definition"]
        answered = _codes(inspect.unwrap(definition.base_resolver.wrapped_func))
        for code in ErrorCode:
            if code in answered or name in BY_CONSTRAINT.get(code, ()):
                found[code].append(name)
    return found


def _codes(function: Callable[..., Any]) -> set[ErrorCode]:
    """A method is known by its name alone, wherever in `models` or in which input it is."""
    waiting, seen, codes = [function], set[Any](), set[ErrorCode]()
    while waiting:
        called = waiting.pop()
        if called in seen:
            continue
        seen.add(called)
        for thing in _mentioned(called):
            if isinstance(thing, FunctionType) and _ours(thing):
                waiting.append(thing)
            elif isinstance(thing, type) and issubclass(thing, Refusal):
                codes |= {thing.code} if hasattr(thing, "code") else set()
            elif isinstance(thing, type) and issubclass(thing, BaseModel):
                codes |= set() if issubclass(thing, SQLModel) else {ErrorCode.INVALID_INPUT}
    return codes


def _ours(thing: FunctionType) -> bool:
    return thing.__module__.partition(".")[0] in OURS


def _mentioned(function: Callable[..., Any]) -> Iterator[Any]:
    """What the names in a function's body stand for."""
    names = inspect.unwrap(function).__globals__
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    for statement in getattr(tree, "body", ()):
        for node in ast.walk(statement):
            if isinstance(node, ast.Name):
                yield names.get(node.id)
            elif isinstance(node, ast.Attribute):
                base = names.get(node.value.id) if isinstance(node.value, ast.Name) else None
                if isinstance(base, ModuleType | type):
                    yield getattr(base, node.attr, None)
                else:
                    ours = "schema" if ast.unparse(node.value) == "input" else "models"
                    yield from _methods(ours).get(node.attr, ())


@cache
def _methods(package: str) -> dict[str, list[FunctionType]]:
    """The methods of everything in a package, by name."""
    found: dict[str, list[FunctionType]] = {}
    for name, module in list(sys.modules.items()):
        if name.startswith(f"{package}."):
            for kind in vars(module).values():
                if isinstance(kind, type) and kind.__module__ == name:
                    for attribute, method in vars(kind).items():
                        if isinstance(method, FunctionType) and not attribute.startswith("_"):
                            found.setdefault(attribute, []).append(method)
    return found
