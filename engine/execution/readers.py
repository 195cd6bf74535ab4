"""Reads one field of all objects of a level."""

from binascii import b2a_base64
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from inspect import isfunction, signature
from itertools import repeat
from operator import attrgetter
from typing import Any

from graphql import GraphQLField, default_field_resolver
from graphql.execution.values import get_argument_values
from strawberry import Info
from strawberry.types.field import StrawberryField

from engine.execution.arguments import Arguments
from engine.execution.awaiting import attempt
from engine.execution.levels import ObjectLevel
from engine.execution.plan import Make, PlannedField, Reader, Values
from engine.execution.run import Run
from engine.field_kinds import DEFAULT_LOCALE, Loaded, LocalizedColumn
from engine.reads.planned_info import PlannedInfo
from models.base import localized_texts

Get = Callable[[Any], Any]


def constant(value: Any) -> Reader:
    def read(_: Run, __: PlannedField, level: ObjectLevel) -> Values:
        return [value] * len(level.objects)

    return read


def attribute(name: str) -> Reader:
    get = attrgetter(name)

    def read(_: Run, __: PlannedField, level: ObjectLevel) -> Values:
        column = level.row_column(name)
        return _map(get, level.objects) if column is None else list(column)

    return read


def global_id(type_name: str, name: str) -> Reader:
    """Read global ids, encoded as `strawberry.relay.to_base64` makes them."""
    get = attrgetter(name)

    def encode(ids: Iterable[object]) -> Values:
        return [b2a_base64(f"{type_name}:{id}".encode(), newline=False).decode() for id in ids]

    def read(_: Run, __: PlannedField, level: ObjectLevel) -> Values:
        ids = level.row_column(name)
        if ids is None:
            return _map(lambda source: encode([get(source)])[0], level.objects)
        return encode(ids)

    return read


def resolver(field: StrawberryField, arguments: Arguments) -> Reader:
    """Call a resolver and its extensions without the layers of Strawberry.

    They have one `Info` for the level, without a path, because its objects have different ones.
    """
    if (method := _plain_method(field)) is not None:
        return lambda _, __, level: _call_each(method, level.objects)
    direct = _direct(field)
    resolve = "resolve_async" if field.is_async else "resolve"
    for extension in field.extensions:
        direct = partial(getattr(extension, resolve), direct)

    def read(run: Run, planned: PlannedField, level: ObjectLevel) -> Values:
        try:
            given = arguments.read(run.variables)
        except Exception as error:  # noqa: BLE001 - becomes the field's error
            return [error] * len(level.objects)
        info = PlannedInfo(run.info(planned), field, planned.selected)
        return _call_each(lambda source: direct(source, info, **given), level.objects)

    return read


def can_be_called(field: StrawberryField) -> bool:
    """Return whether `resolver` can call the field's extensions, at most one."""
    declared = field.base_resolver
    if declared is not None and not isfunction(declared.wrapped_func):
        return False
    if field.is_async:
        return all(one.supports_async for one in field.extensions)
    return len(field.extensions) < 2 and all(one.supports_sync for one in field.extensions)


def _plain_method(field: StrawberryField) -> Get | None:
    """Return the function of a field, if it takes only the object."""
    declared = field.base_resolver
    if declared is None or declared.self_parameter is None or field.extensions:
        return None
    parameters = declared.info_parameter, declared.parent_parameter, declared.root_parameter
    function: Any = declared.wrapped_func
    return None if field.arguments or any(parameters) else function


def _direct(field: StrawberryField) -> Callable[..., Any]:
    """Return how to call a field's function with the object, the info and the arguments."""
    declared = field.base_resolver
    if declared is None:
        return lambda source, info, **given: field.get_result(source, info, [], given)
    function: Any = declared.wrapped_func
    takes_self = declared.self_parameter is not None
    parents = [
        one.name for one in (declared.parent_parameter, declared.root_parameter) if one is not None
    ]
    info_name = declared.info_parameter.name if declared.info_parameter else None

    def call(source: Any, info: Any, **given: Any) -> Any:
        if info_name:
            given[info_name] = info
        named = dict.fromkeys(parents, source)
        return function(*[source] if takes_self else (), **given, **named)

    return call


def make_of_loaded(field: Loaded, arguments: Arguments) -> Make:
    """Prepare the function of a field for all objects of a level."""
    takes_info = "info" in signature(field.make).parameters

    def make(run: Run, planned: PlannedField) -> Callable[[Any, Any], Any]:
        given = arguments.read(run.variables)
        if takes_info:
            given["info"] = Info(_raw_info=run.info(planned), _field=field)
        return lambda source, value: field.make(source, value, **given)

    return make


def as_graphql_core(definition: GraphQLField) -> Reader:
    """Call the field's resolver as graphql-core would, with all layers of Strawberry."""
    resolve = definition.resolve or default_field_resolver

    def read(run: Run, planned: PlannedField, level: ObjectLevel) -> Values:
        info = run.info(planned)
        node = planned.nodes[0]

        def call(source: Any) -> Any:
            arguments = get_argument_values(definition, node, run.variables)
            return resolve(source, info, **arguments)

        return _call_each(call, level.objects)

    return read


def localized_text(field: LocalizedColumn, arguments: Arguments) -> Reader:
    """Choose texts by the argument `locale`, else by the languages of the caller."""

    def read(run: Run, _: PlannedField, level: ObjectLevel) -> Values:
        try:
            locale = arguments.read(run.variables).get("locale")
        except Exception as error:  # noqa: BLE001 - becomes the field's error
            return [error] * len(level.objects)
        wanted = [locale] if locale else run.context.locales
        texts = level.row_column(field.column)
        if texts is None:
            return _map(lambda source: field.choose(source, wanted), level.objects)
        owns = level.row_column("locale") or repeat(DEFAULT_LOCALE)
        try:
            return localized_texts(texts, wanted, owns)
        except Exception:  # noqa: BLE001 - read again, so that only the failed ones fail
            return _call_each(lambda source: field.choose(source, wanted), level.objects)

    return read


def _map(call: Get, sources: Sequence[Any]) -> Values:
    """Return a value for each object, without a frame for each that can fail."""
    try:
        return list(map(call, sources))
    except Exception:  # noqa: BLE001 - read again, so that only the failed ones fail
        return _call_each(call, sources)


def _call_each(call: Get, sources: Sequence[Any]) -> Values:
    """Return a value for each object; an exception stands for one that failed."""
    return [attempt(call, source) for source in sources]
