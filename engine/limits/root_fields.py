"""The root fields that an operation selects."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from engine.limits.cost import field_metadata


def root_fields(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the names and the metadata of the root fields that an operation selects."""
    root = schema.get_root_type(operation.operation)
    for name in _RootFields(document).names(operation.selection_set):
        field = root.fields.get(name) if root else None
        yield name, field_metadata(field) if field else {}


class _RootFields:
    """The names of root fields. Each fragment is visited once."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            node.name.value: node.selection_set
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def names(self, selections: SelectionSetNode) -> Iterator[str]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield node.name.value
            elif isinstance(node, InlineFragmentNode):
                yield from self.names(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments.pop(node.name.value, None)
                yield from self.names(fragment) if fragment else ()
