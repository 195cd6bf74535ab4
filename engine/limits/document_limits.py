"""How an operation is built: refused before validation, whose time hostile documents waste."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
)
from graphql.language import Node

from engine.limits.field_overlap import PAIRS, overlaps_too_much

TOKENS = 1_000
COMMENTS = 200
CHARACTERS = 50_000
DEPTH = 12
ALIASES = 30
DIRECTIVES = 50
ROOT_FIELDS = 20
SAME_FIELD = 10
DEFINITIONS = 50
DIGITS = 100
VALUES = 1_000
INTROSPECTION = {"__schema", "__type"}


def problem(document: DocumentNode) -> str | None:
    """What is too much about this document, or None."""
    return next(_problems(document), None)


def _problems(document: DocumentNode) -> Iterator[str]:
    """The cheapest to find out first."""
    if len(document.definitions) > DEFINITIONS:
        yield f"A document has at most {DEFINITIONS} operations and fragments."
    nodes = list(_walk(document))
    if sum(isinstance(node, FieldNode) and node.alias is not None for node in nodes) > ALIASES:
        yield f"A document has at most {ALIASES} aliases."
    if sum(isinstance(node, DirectiveNode) for node in nodes) > DIRECTIVES:
        yield f"A document has at most {DIRECTIVES} directives."
    for node in nodes:
        if isinstance(node, SelectionSetNode) and _most_alike(node) > SAME_FIELD:
            yield f"A field is selected at most {SAME_FIELD} times in one place."
        if isinstance(node, IntValueNode | FloatValueNode) and len(node.value) > DIGITS:
            yield f"A number has at most {DIGITS} digits."
    yield from _operations_problems(document)
    if overlaps_too_much(document):
        yield f"A document has at most {PAIRS:,} pairs of the same field in the same place."


def variables_problem(variables: Any) -> str | None:
    """What is too much about the variables, or None; no further read than to the limit."""
    waiting, seen = [variables], 0
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict | list):
            seen += len(here)
            if seen > VALUES:
                return f"The variables of an operation have at most {VALUES:,} values."
            waiting.extend(here.values() if isinstance(here, dict) else here)
    return None


def _operations_problems(document: DocumentNode) -> Iterator[str]:
    depths = _Depths(document)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            if len(node.selection_set.selections) > ROOT_FIELDS:
                yield f"An operation has at most {ROOT_FIELDS} root fields."
            if depths.of(node.selection_set) > DEPTH:
                yield f"An operation is at most {DEPTH} fields deep."


def _walk(node: Node) -> Iterator[Node]:
    """The node and all below it, without recursion, which a deep document would exhaust."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        for name in here.keys:
            child = getattr(here, name, None)
            if isinstance(child, Node):
                waiting.append(child)
            elif isinstance(child, tuple | list):
                waiting.extend(part for part in child if isinstance(part, Node))


def _most_alike(selections: SelectionSetNode) -> int:
    names = Counter(
        (node.alias or node.name).value if isinstance(node, FieldNode) else f"...{node.name.value}"
        for node in selections.selections
        if isinstance(node, FieldNode | FragmentSpreadNode)
    )
    return max(names.values(), default=0)


class _Depths:
    """How deep selections go, each fragment measured once. Introspection goes its own way."""

    def __init__(self, document: DocumentNode) -> None:
        self._known: dict[str, int] = {}
        self._fragments = {
            node.name.value: node.selection_set
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def of(self, selections: SelectionSetNode | None) -> int:
        return max(map(self._of, selections.selections), default=0) if selections else 0

    def _of(self, node: Node) -> int:
        if isinstance(node, FieldNode):
            return 1 if node.name.value in INTROSPECTION else 1 + self.of(node.selection_set)
        if isinstance(node, InlineFragmentNode):
            return self.of(node.selection_set)
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value)
        return 0

    def _fragment(self, name: str) -> int:
        if name not in self._known:
            self._known[name] = 0  # a circle is for validation to refuse
            self._known[name] = self.of(self._fragments.get(name))
        return self._known[name]
