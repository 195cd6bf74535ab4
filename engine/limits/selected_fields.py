"""The fields that an operation of a valid document selects."""

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
    SelectionSetNode,
    get_named_type,
)


class SelectedFields:
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
