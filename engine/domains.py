"""The domain of a field, which its scopes are named after.

A field belongs to the domain whose module declares it: `schema/offers`, `resolvers/offers`. So
do the lists of its types, although `engine/connections.py` declares their fields. `domain=` of a
declaration names another domain, or `UNSCOPED` for what every API token may read.
"""

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLField, get_named_type
from strawberry.utils.str_converters import to_camel_case

from engine.limits.cost import field_metadata
from engine.strawberry_internals import declared_class, declared_field

UNSCOPED = ""
LAYERS = {"schema", "resolvers", "subscriptions"}
# Modules of these layers that are not domains. A picture belongs to the row that shows it, and so
# do an amount, a link, a text and a choice.
SHARED = {"links", "money", "node", "pictures", "questions", "quotas", "texts"}
ERRORS = "errors"  # a module with the errors of mutations, which any of them can return


def domains_of(field: GraphQLField) -> Iterator[str]:
    """Yield the domain of a field, and that of the rows if it is a list with pages."""
    if domain := _declared(field):
        yield domain
    returned: Any = get_named_type(field.type)
    nodes = getattr(returned, "fields", {}).get("nodes")
    if nodes is not None and (domain := _of_class(declared_class(get_named_type(nodes.type)))):
        yield domain


def name_of(field: GraphQLField) -> str:
    """Return the name of a field in the schema."""
    declared = declared_field(field)
    return to_camel_case(declared.python_name) if declared else ""


def _declared(field: GraphQLField) -> str:
    domain: str | None = field_metadata(field).get("domain")
    if domain is not None:
        return domain
    origin: Any = getattr(declared_field(field), "origin", None)
    return _of_class(origin)


def _of_class(kind: Any) -> str:
    """Return the domain of the module that declares a class, `UNSCOPED` for shared ones."""
    layer, *names = getattr(kind, "__module__", "").split(".")
    if layer not in LAYERS or not names or names[0] in SHARED or names[-1] == ERRORS:
        return UNSCOPED
    return names[0]
