"""The content of docs/schema.md."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_introspection_type,
    is_leaf_type,
    is_list_type,
    is_specified_scalar_type,
)
from graphql.type import GraphQLType

from engine.limits.cost import DEFAULT_LIST_SIZE, OBJECT_COST, field_metadata
from tools.sdl import belongs_to_one_mutation, domain, heading_order

KINDS: dict[type[GraphQLNamedType], str] = {
    GraphQLEnumType: "Enum",
    GraphQLInputObjectType: "Input",
    GraphQLInterfaceType: "Interface",
    GraphQLObjectType: "Type",
    GraphQLUnionType: "Union",
}
Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class TypeSection:
    """The first row is the heading of the table."""

    name: str
    kind: str
    description: str
    possible: list[str] = field(default_factory=list)
    rows: Rows = field(default_factory=list)


def context(graph: GraphQLSchema) -> dict[str, Any]:
    return {"domains": types_by_domain(graph)}


def types_by_domain(graph: GraphQLSchema) -> dict[str, list[TypeSection]]:
    """Return our own types by domain, inputs and payloads last."""
    found: dict[str, list[GraphQLNamedType]] = defaultdict(list)
    for type_ in graph.type_map.values():
        if not (is_introspection_type(type_) or is_specified_scalar_type(type_)):
            found[domain(type_)].append(type_)
    return {
        heading: [_section(type_) for type_ in sorted(types, key=_sort_key)]
        for heading, types in sorted(found.items(), key=lambda item: heading_order(item[0]))
    }


def _sort_key(type_: GraphQLNamedType) -> tuple[bool, str]:
    return belongs_to_one_mutation(type_.name), type_.name


def _section(type_: GraphQLNamedType) -> TypeSection:
    kind = next((name for kind, name in KINDS.items() if isinstance(type_, kind)), "Scalar")
    if isinstance(type_, GraphQLObjectType) and type_.interfaces:
        kind += f", a {type_.interfaces[0].name}"
    return TypeSection(type_.name, kind, type_.description or "", _possible(type_), _rows(type_))


def _possible(type_: GraphQLNamedType) -> list[str]:
    return [one.name for one in type_.types] if isinstance(type_, GraphQLUnionType) else []


def _rows(type_: GraphQLNamedType) -> Rows:
    if isinstance(type_, GraphQLEnumType):
        values = [(f"`{name}`", value.description or "") for name, value in type_.values.items()]
        return [("Value", "Description"), *values]
    if isinstance(type_, GraphQLInputObjectType):
        fields = [_input_row(f"`{name}`", one) for name, one in type_.fields.items()]
        return [("Field", "Type", "Description"), *fields]
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        paged = "pageInfo" in type_.fields
        rows: Rows = [("Field", "Type", "Cost", "Description")]
        for name, one in type_.fields.items():
            description = _with_deprecation(one.description, one.deprecation_reason)
            rows.append((f"`{name}`", _linked(one.type), cost(one, paged=paged), description))
            for name_, argument in one.args.items():
                mark, of, about = _input_row(f"· `{name_}:`", argument)
                price = field_metadata(one).get("argument_costs", {}).get(name_, "")
                rows.append((mark, of, str(price), about))
        return rows
    return []


def _input_row(mark: str, one: GraphQLArgument | GraphQLInputField) -> tuple[str, str, str]:
    description = _with_deprecation(one.description, one.deprecation_reason)
    default = one.default_value
    if default is not Undefined and default is not None:
        description += f" Default: {getattr(default, 'name', default)}."
    return mark, _linked(one.type), description


def _with_deprecation(description: str | None, reason: str | None) -> str:
    return (description or "") + (f" **Deprecated**, {reason}" if reason else "")


def cost(field: GraphQLField, *, paged: bool = False) -> str:
    """Return the cost in points, as a formula if it depends on the arguments."""
    price, named = field_metadata(field), get_named_type(field.type)
    own: int = price.get("cost", 0 if is_leaf_type(named) else OBJECT_COST)
    if is_leaf_type(named) or not is_list_type(get_nullable_type(field.type)):
        return str(own)
    if "sized_by" in price:
        return f"{own} + an entry for each of `{price['sized_by']}`"
    if paged:
        return f"{own} + the page's entries"
    size = "`first`" if "first" in field.args else price.get("size", DEFAULT_LIST_SIZE)
    return f"{own} + {size} {'entry' if size == 1 else 'entries'}"


def _linked(type_: GraphQLType) -> str:
    named = get_named_type(type_)
    return (
        f"`{type_}`" if is_specified_scalar_type(named) else f"[`{type_}`](#{named.name.lower()})"
    )
