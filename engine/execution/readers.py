"""Reads one field of all objects of a level."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLField, default_field_resolver
from graphql.execution.values import get_argument_values
from strawberry import Info
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from engine.execution.arguments import Arguments
from engine.execution.plan import PlannedField, Reader, Values
from engine.execution.run import Run
from engine.types import LocalizedText

Get = Callable[[Any], Any]


def constant(value: Any) -> Reader:
    def read(_: Run, __: PlannedField, sources: Sequence[Any]) -> Values:
        return [value] * len(sources)

    return read


def attribute(get: Get) -> Reader:
    def read(_: Run, __: PlannedField, sources: Sequence[Any]) -> Values:
        try:
            return list(map(get, sources))
        except Exception:  # noqa: BLE001 - read again, so that only the failed ones fail
            return _call_each(get, sources)

    return read


def global_id(type_name: str, get: Get) -> Reader:
    """Read global ids, encoded as `strawberry.relay.to_base64` makes them."""

    def encode(source: Any) -> str:
        return b64encode(f"{type_name}:{get(source)}".encode()).decode()

    return attribute(encode)


def resolver(
    field: StrawberryField, declared: StrawberryResolver[Any], arguments: Arguments
) -> Reader:
    """Call a resolver without the layers of Strawberry, with one `Info` for the level.

    Its `Info` has no path, because the level's objects have different ones.
    """
    function: Any = declared.wrapped_func
    takes_self = declared.self_parameter is not None
    parents = [
        one.name for one in (declared.parent_parameter, declared.root_parameter) if one is not None
    ]
    info_name = declared.info_parameter.name if declared.info_parameter else None

    def read(run: Run, planned: PlannedField, sources: Sequence[Any]) -> Values:
        try:
            given = arguments.read(run.variables)
        except Exception as error:  # noqa: BLE001 - becomes the field's error
            return [error] * len(sources)
        if info_name:
            given[info_name] = Info(_raw_info=run.info(planned), _field=field)

        def call(source: Any) -> Any:
            named = dict.fromkeys(parents, source)
            return function(*[source] if takes_self else (), **given, **named)

        return _call_each(call, sources)

    return read


def as_graphql_core(definition: GraphQLField) -> Reader:
    """Call the field's resolver as graphql-core would, with all layers of Strawberry."""
    resolve = definition.resolve or default_field_resolver

    def read(run: Run, planned: PlannedField, sources: Sequence[Any]) -> Values:
        info = run.info(planned)
        node = planned.nodes[0]

        def call(source: Any) -> Any:
            arguments = get_argument_values(definition, node, run.variables)
            return resolve(source, info, **arguments)

        return _call_each(call, sources)

    return read


def localized_text(field: LocalizedText, arguments: Arguments) -> Reader:
    """Choose texts by the argument `locale`, else by the languages of the caller."""

    def read(run: Run, _: PlannedField, sources: Sequence[Any]) -> Values:
        try:
            locale = arguments.read(run.variables).get("locale")
        except Exception as error:  # noqa: BLE001 - becomes the field's error
            return [error] * len(sources)
        wanted = [locale] if locale else run.context.locales
        return _call_each(lambda source: field.choose(source, wanted), sources)

    return read


def _call_each(call: Get, sources: Sequence[Any]) -> Values:
    """Return a value for each object; an exception stands for one that failed."""
    return [_attempt(call, source) for source in sources]


def _attempt(call: Get, source: Any) -> Any:
    try:
        return call(source)
    except Exception as error:  # noqa: BLE001 - becomes the field's error
        return error
