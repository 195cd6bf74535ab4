"""Which fields are public, and which operations select no others.

A public field has the same value for all anonymous callers, and does not depend on the address or
on a clock that is finer than the seconds for which answers are kept. Attributes of rows are public:
who sees a row is decided by the field that it was reached by. A field that calls a resolver or a
loader is public only if it is declared so, with `public=True`.

A `volatile` field, such as a counter, changes without a signal.
"""

from graphql import (
    DocumentNode,
    GraphQLField,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)
from strawberry.types.field import StrawberryField

from engine.field_kinds import NODE_ID, Column, LocalizedColumn
from engine.limits.cost import field_metadata
from engine.limits.selected_fields import SelectedFields
from engine.strawberry_internals import declared_field

VOLATILE_SECONDS = 1.0


def is_public(definition: GraphQLField) -> bool:
    field = declared_field(definition)
    if field is None or field.extensions:  # a permission is one
        return False
    return bool(field.metadata.get("public")) or _is_attribute(field)


def seconds_of(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    most: float,
) -> float | None:
    """Return how long the answer may be kept, at most `most`. None if it is not public."""
    if operation.operation is not OperationType.QUERY:
        return None
    fields = list(SelectedFields(schema, document).by(operation))
    if any(one is None or not is_public(one) for one in fields):
        return None
    is_volatile = any(one and field_metadata(one).get("volatile") for one in fields)
    return min(most, VOLATILE_SECONDS) if is_volatile else most


def _is_attribute(field: StrawberryField) -> bool:
    """Return whether its value is one of the row, or a text of it in the caller's language."""
    if isinstance(field, Column | LocalizedColumn):
        return True
    plain = field.base_resolver is None or field.python_name == NODE_ID
    return plain and type(field) is StrawberryField
