"""Finds out which type an object has, and checks it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLResolveInfo,
    default_type_resolver,
)
from graphql.pyutils import inspect

from engine.execution.awaiting import attempt, settle_all
from engine.execution.plan import PlannedField, Selection, Values

if TYPE_CHECKING:
    from engine.execution.run import Run

Selected = Selection | Exception


async def select(run: "Run", planned: PlannedField, objects: Sequence[Any]) -> list[Selected]:
    """Return the selection for each object; an exception stands for an object of a wrong type."""
    if planned.abstract is not None:
        found = await _resolve(run, planned, planned.abstract, objects)
    elif planned.selection is not None:
        found = [planned.selection] * len(objects)
    info = run.info(planned)
    checks = [_check(chosen, one, info) for chosen, one in zip(found, objects, strict=True)]
    await settle_all(checks, 0)
    return [
        _checked(planned, chosen, check, one)
        for chosen, check, one in zip(found, checks, objects, strict=True)
    ]


async def _resolve(
    run: "Run", planned: PlannedField, abstract: GraphQLAbstractType, objects: Sequence[Any]
) -> list[Selected]:
    resolve = abstract.resolve_type or default_type_resolver
    info = run.info(planned)
    names: Values = [attempt(lambda one: resolve(one, info, abstract), one) for one in objects]
    await settle_all(names, 0)
    return [
        name if isinstance(name, Exception) else _named(planned, abstract, name) for name in names
    ]


def _named(planned: PlannedField, abstract: GraphQLAbstractType, name: Any) -> Selected:
    selection = planned.selections.get(name) if isinstance(name, str) else None
    return selection or GraphQLError(
        f"'{abstract}' did not resolve to one of its object types for field '{planned}', but to"
        f" {inspect(name)}.",
        planned.nodes,
    )


def _check(chosen: Selected, value: Any, info: GraphQLResolveInfo[Any]) -> Any:
    """Return whether the object is of the type, perhaps an awaitable, or the error."""
    if isinstance(chosen, Exception) or chosen.type.is_type_of is None:
        return True
    is_type_of = chosen.type.is_type_of
    return attempt(lambda one: is_type_of(one, info), value)


def _checked(planned: PlannedField, chosen: Selected, check: Any, value: Any) -> Selected:
    if isinstance(chosen, Exception):
        return chosen
    if isinstance(check, Exception):
        return check
    if check:
        return chosen
    message = f"Expected value of type '{chosen.type}' but got: {inspect(value)}."
    return GraphQLError(message, planned.nodes)
