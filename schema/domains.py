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

ROOTS = ("Query", "Mutation", "Subscription")
BASICS = "Basics"
DOMAINS = {
    "api": "Identity",
    "identity": "Identity",
    "vendor": "Vendors",
    "offer": "Offers",
    "redemption": "Redemptions",
    "notification": "Notifications",
    "change": "Redemptions",
    "desk": "Chat",
    "chat": "Chat",
    "upload": "Uploads",
}
ORDER = (*ROOTS, BASICS, *dict.fromkeys(DOMAINS.values()))


def domain(type_: GraphQLNamedType) -> str:
    """A page or an entry belongs where its nodes do, a union where its first type does."""
    if type_.name in ROOTS:
        return type_.name
    if isinstance(type_, GraphQLUnionType):
        return domain(type_.types[0])
    if (node := _node_field(type_)) is not None:
        return domain(get_named_type(node.type))
    told: Any = type_.extensions.get("strawberry-definition")
    module: str = getattr(getattr(told, "origin", None), "__module__", "")
    return DOMAINS.get(module.rpartition(".")[2].partition("_")[0].rstrip("s"), BASICS)


def of_one_mutation(name: str) -> bool:
    """Whether a type is there for one mutation alone: what it takes, or what it answers."""
    return name.endswith(("Input", "Payload")) and name != "Payload"


def _node_field(type_: GraphQLNamedType) -> GraphQLField | None:
    if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return None
    found: GraphQLField | None = type_.fields.get("node" if "cursor" in type_.fields else "nodes")
    return found
