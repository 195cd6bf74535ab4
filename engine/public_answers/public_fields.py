"""Which fields are public, and which operations select no others.

A public field has the same value for all anonymous callers, and does not depend on the address or
on a clock that is finer than the seconds for which answers are kept. Attributes of rows are public:
who sees a row is decided by the field that it was reached by. A field that calls a resolver or a
loader is public only if it is declared so, with `public=True`.

A `volatile` field, such as a counter, changes without a signal.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
)
from strawberry.types.field import StrawberryField

from engine.field_kinds import NODE_ID, Column, LocalizedColumn
from engine.limits.cost import field_metadata
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
    fields = list(_Selected(schema, document).by(operation))
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


class _Selected:
    """The definitions of all fields that an operation can select; None for an unknown one.

    Each selection set is visited once for each type. Conditions do not count.
    """

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments: Mapping[str, FragmentDefinitionNode] = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._visited: set[tuple[int, str]] = set()

    def by(self, operation: OperationDefinitionNode) -> Iterator[GraphQLField | None]:
        root = self._schema.get_root_type(operation.operation)
        yield from self._fields(operation.selection_set, root)

    def _fields(
        self, selections: SelectionSetNode, parent: GraphQLNamedType | None
    ) -> Iterator[GraphQLField | None]:
        key = (id(selections), parent.name if parent else "")
        if key in self._visited:
            return
        self._visited.add(key)
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield from self._field(node, parent)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                on = self._schema.get_type(condition.name.value) if condition else parent
                yield from self._fields(node.selection_set, on)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                on = self._schema.get_type(fragment.type_condition.name.value)
                yield from self._fields(fragment.selection_set, on)

    def _field(
        self, node: FieldNode, parent: GraphQLNamedType | None
    ) -> Iterable[GraphQLField | None]:
        name = node.name.value
        if name == "__typename":
            return
        known: Any = parent
        definition = known.fields.get(name)  # none of introspection's
        yield definition
        if definition is not None and node.selection_set:
            yield from self._fields(node.selection_set, get_named_type(definition.type))
