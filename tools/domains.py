"""Which domain of the business a type of the schema belongs to, by the module it comes from."""

from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)

from core.settings import HOME

ROOTS = ("Query", "Mutation", "Subscription")
BASICS = "Basics"
PACKAGES = {path.parent.name for path in (HOME / "schema").glob("*/__init__.py")}


def domain(type_: GraphQLNamedType) -> str:
    """Return the heading of a type: the name of its package in `schema`, or "Basics".

    A connection or an edge belongs to the domain of its nodes, a union to that of its first type.
    """
    if type_.name in ROOTS:
        return type_.name
    if isinstance(type_, GraphQLUnionType):
        return domain(type_.types[0])
    if (node := _node_field(type_)) is not None:
        return domain(get_named_type(node.type))
    definition: Any = type_.extensions.get("strawberry-definition")
    module: str = getattr(getattr(definition, "origin", None), "__module__", "")
    package = module.split(".")[1] if "." in module else ""
    return package.capitalize() if package in PACKAGES else BASICS


def order(heading: str) -> tuple[int, str]:
    """Sort roots first, then the basics, then the domains by name."""
    first = (*ROOTS, BASICS)
    return (first.index(heading), "") if heading in first else (len(first), heading)


def of_one_mutation(name: str) -> bool:
    """Whether a type is there for one mutation alone: what it takes, or what it answers."""
    return name.endswith(("Input", "Payload")) and name != "Payload"


def _node_field(type_: GraphQLNamedType) -> GraphQLField | None:
    if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return None
    found: GraphQLField | None = type_.fields.get("node" if "cursor" in type_.fields else "nodes")
    return found
