"""The code of the guide for Flutter, docs/flutter.md and docs/flutter/*.md, taken out of it."""

import re
from collections.abc import Iterator
from functools import cache

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Visitor,
    build_schema,
    parse,
    print_ast,
    visit,
)

from app import create_schema
from core.settings import Settings
from tools.guide_files import FLUTTER_GUIDE, Block, blocks_of

RAW_STRING = re.compile(r"r'''\n(.*?)'''", re.DOTALL)
TYPENAME = FieldNode(name=NameNode(value="__typename"))


def guide_text() -> str:
    return "\n".join(path.read_text() for path in FLUTTER_GUIDE)


def blocks(language: str) -> list[Block]:
    return [block for block in blocks_of(FLUTTER_GUIDE) if block.language == language]


FILES = {str(block.name): block.text for block in blocks("dart")}


def dart() -> str:
    return "\n".join(FILES.values())


@cache
def schema() -> GraphQLSchema:
    return build_schema(create_schema(Settings()).as_str())


@cache
def operations() -> dict[str, OperationDefinitionNode]:
    """Return the operations of the `.graphql` files by name."""
    return {
        node.name.value: node
        for node in _definitions()
        if isinstance(node, OperationDefinitionNode) and node.name
    }


@cache
def fragments() -> dict[str, FragmentDefinitionNode]:
    return {
        node.name.value: node for node in _definitions() if isinstance(node, FragmentDefinitionNode)
    }


def document(name: str, *, typename: bool) -> str:
    """Return an operation with its fragments, as printed or as graphql_codegen sends it."""
    nodes = [operations()[name], *(fragments()[one] for one in sorted(_spread(operations()[name])))]
    whole = DocumentNode(definitions=tuple(nodes))
    return print_ast(visit(whole, _AddTypename()) if typename else whole)


def strings() -> list[str]:
    """Return the GraphQL documents in raw strings of Dart."""
    return RAW_STRING.findall(dart())


def _definitions() -> Iterator[object]:
    for block in blocks("graphql"):
        yield from parse(block.text, no_location=True).definitions


def _spread(node: object) -> set[str]:
    """Return the names of the fragments that a definition needs, directly or not."""
    found: set[str] = set()

    class Spreads(Visitor):
        def enter_fragment_spread(self, spread: FragmentSpreadNode, *_: object) -> None:
            if spread.name.value not in found:
                found.add(spread.name.value)
                visit(fragments()[spread.name.value], self)

    visit(node, Spreads())  # type: ignore[arg-type]
    return found


class _AddTypename(Visitor):
    """Adds `__typename` to all selections, except to the root of a subscription."""

    def leave_selection_set(
        self, node: SelectionSetNode, _key: object, parent: object, *_: object
    ) -> SelectionSetNode:
        if isinstance(parent, OperationDefinitionNode):
            if parent.operation is OperationType.SUBSCRIPTION:
                return node
        elif not isinstance(parent, FieldNode | FragmentDefinitionNode | InlineFragmentNode):
            return node
        if any(
            isinstance(one, FieldNode) and one.name.value == "__typename" for one in node.selections
        ):
            return node
        return SelectionSetNode(selections=(*node.selections, TYPENAME))
