"""Each invalid value of an argument or input field is named by `extensions.field`."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)

from engine.scalars import SCALARS
from tests.client import Client, unknown

GOOD: Mapping[str, Any] = {
    "ID": unknown("Offer"),
    "String": "x",
    "Int": 1,
    "Float": 1.5,
    "Boolean": True,
    "BigInt": 1,
    "DateTime": "2026-05-31T18:30:00Z",
    "Date": "2026-05-31",
    "LocalTime": "18:30",
    "LocalDateTime": "2026-05-31T18:30",
    "CountryCode": "IN",
    "CurrencyCode": "INR",
    "TimeZone": "UTC",
    "PhoneNumber": "+918026543210",
    "EmailAddress": "asha@haat.example",
    "URL": "https://haat.example/",
}
BAD: Mapping[str, Any] = {"String": 5, "ID": "!!"}
OTHERWISE_BAD = "not a value"
Path = tuple[str, ...]


def good(kind: Any) -> Any:
    if is_non_null_type(kind):
        return good(kind.of_type)
    if is_list_type(kind):
        return [good(kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        if kind.is_one_of or _one_of(kind):
            name, field = next(iter(kind.fields.items()))
            return {name: good(field.type)}
        needed = {name: one for name, one in kind.fields.items() if is_required_input_field(one)}
        return {name: good(one.type) for name, one in needed.items()}
    return GOOD[kind.name]


def _one_of(kind: Any) -> bool:
    definition = kind.extensions.get("strawberry-definition")
    return bool(definition and definition.is_one_of)


def faulty(kind: Any) -> Iterator[tuple[Any, Path, str]]:
    """Yield values of a type with one invalid part, its path, and the part's type."""
    if is_non_null_type(kind):
        yield from faulty(kind.of_type)
    elif is_list_type(kind):
        for value, path, name in faulty(kind.of_type):
            yield [good(kind.of_type), value], ("1", *path), name
    elif isinstance(kind, GraphQLInputObjectType):
        if _one_of(kind):
            one, other = list(kind.fields)[:2]
            yield {}, (), kind.name
            yield {one: good(kind.fields[one].type), other: None}, (), kind.name
            yield {one: None}, (), kind.name
        for field, declared in kind.fields.items():
            rest = {} if _one_of(kind) else good(kind)
            for value, path, name in faulty(declared.type):
                yield rest | {field: value}, (field, *path), name
            if is_required_input_field(declared):
                yield {key: one for key, one in rest.items() if key != field}, (field,), "missing"
    else:
        yield BAD.get(kind.name, OTHERWISE_BAD), (), kind.name


def fields(graph: GraphQLSchema) -> Iterator[tuple[str, str, Any]]:
    for kind, root in (("query", graph.query_type), ("mutation", graph.mutation_type)):
        assert root is not None
        # `nodes` reads each id itself.
        yield from ((kind, name, one) for name, one in root.fields.items() if name != "nodes")


def literal(value: Any, kind: Any) -> str:
    if isinstance(value, dict):
        named = get_named_type(kind)
        parts = (f"{name}: {literal(one, named.fields[name].type)}" for name, one in value.items())
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(one, kind) for one in value) + "]"
    if isinstance(get_named_type(kind), GraphQLEnumType) and value != OTHERWISE_BAD:
        return str(value)
    return json.dumps(value)


def documents(kind: str, name: str, field: Any) -> Iterator[tuple[str, dict[str, Any], Path, str]]:
    """Yield operations with an invalid value, as a variable and in the document."""
    selection = " { __typename }" if is_composite_type(get_named_type(field.type)) else ""
    for argument, declared in field.args.items():
        rest = {
            other: good(one.type)
            for other, one in field.args.items()
            if other != argument and is_non_null_type(one.type)
        }
        others = "".join(
            f", {other}: {literal(one, field.args[other].type)}" for other, one in rest.items()
        )
        for value, path, type_name in faulty(declared.type):
            whole = path if argument == "input" else (argument, *path)
            called = f"{{ {name}({argument}: %s{others}){selection} }}"
            with_variable = f"{kind} ($given: {declared.type}) {called}" % "$given"
            yield with_variable, {"given": value}, whole, type_name
            written = f"{kind} {called}" % literal(value, declared.type)
            yield written, {}, whole, type_name


async def test_each_invalid_value_has_its_path(api: Client, graph: GraphQLSchema) -> None:
    wrong, tried = [], set()
    for kind, name, field in fields(graph):
        for document, variables, path, type_name in documents(kind, name, field):
            errors = (await api.send(document, **variables)).get("errors", [])
            found = [error["extensions"].get("field") for error in errors]
            tried.add(type_name)
            if list(path) not in found:
                wrong.append((document, variables, path, errors))
    assert wrong == [], f"{len(wrong)}: {wrong[:3]}"
    own = {one.name for one in graph.type_map.values() if isinstance(one, GraphQLScalarType)}
    elsewhere = {"EmailAddress", "Date", "PhoneNumber", "URL"}
    assert (own & {one.name for one in SCALARS.values()}) - elsewhere <= tried
    assert {one.name for one in graph.type_map.values() if _one_of(one)} <= tried


@pytest.mark.parametrize("given", ['"soon"', "$day"])
async def test_an_argument_of_a_nested_field_has_its_path(api: Client, given: str) -> None:
    days = f'redemptionDays(fromDay: "2026-05-31", untilDay: {given}) {{ day }}'
    declared = "query ($day: Date!)" if given == "$day" else "query"
    document = f"{declared} {{ vendors {{ nodes {{ {days} }} }} }}"
    (error,) = (await api.send(document, day="soon"))["errors"]
    assert error["extensions"]["field"] == ["untilDay"]


@pytest.mark.parametrize("languages", ["en", "de"])
async def test_the_message_of_a_variable_is_for_the_user(api: Client, languages: str) -> None:
    """graphql-core would put the variable's name and value around it."""
    document = (
        "mutation ($input: UpdateOfferInput!) { updateOffer(input: $input) { offer { id } } }"
    )
    given = {"offerId": unknown("Offer"), "startsAt": "soon"}
    (error,) = (await api.reading(languages).send(document, input=given))["errors"]
    expected = {
        "en": "Enter a date and time such as 2026-05-31T18:30:00Z.",
        "de": "Gib Datum und Uhrzeit wie 2026-05-31T18:30:00Z an.",
    }
    assert error["message"] == expected[languages]
    assert error["extensions"]["field"] == ["startsAt"]
    assert "RFC 3339" in error["extensions"]["detail"]
