"""What a program may ask for with its API token.

A root field needs the scope of its kind of operation. One that only a person may ask for
says so where it is declared.
"""

from collections.abc import Iterator, Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from core.errors import UserMessage
from engine.limits.cost import declared
from models.identity.api_tokens import ApiScope
from services.viewer import Viewer

NEEDED: Mapping[OperationType, ApiScope] = {
    OperationType.QUERY: ApiScope.READ,
    OperationType.MUTATION: ApiScope.WRITE,
    OperationType.SUBSCRIPTION: ApiScope.READ,
}


def problem(
    viewer: Viewer,
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
) -> UserMessage | None:
    """Why the caller's token is not good for an operation; None if it is, and for people."""
    if viewer.scopes is None:
        return None
    needed = NEEDED[operation.operation]
    if needed not in viewer.scopes:
        return UserMessage(
            "This API token does not have the scope {scope}. Use one that does.", scope=needed
        )
    root = schema.get_root_type(operation.operation)
    for name in _Roots(document).of(operation.selection_set):
        field = root.fields.get(name) if root else None
        if field and declared(field).get("personal"):
            return UserMessage(
                "`{name}` is not available to API tokens. Sign in as a user.", name=name
            )
    return None


class _Roots:
    """The names of an operation's root fields; each fragment is entered once."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            node.name.value: node.selection_set
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def of(self, selections: SelectionSetNode) -> Iterator[str]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield node.name.value
            elif isinstance(node, InlineFragmentNode):
                yield from self.of(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments.pop(node.name.value, None)
                yield from self.of(fragment) if fragment else ()
