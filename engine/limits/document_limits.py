"""Limits on documents, checked before validation, which is expensive."""

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

from engine.limits.field_overlap import MAX_FIELD_PAIRS, overlaps_too_much

MAX_TOKENS = 1_000
MAX_COMMENTS = 200
MAX_CHARACTERS = 50_000
MAX_DEPTH = 12
MAX_ALIASES = 30
MAX_DIRECTIVES = 50
MAX_ROOT_FIELDS = 20
MAX_SAME_FIELD = 10
MAX_DEFINITIONS = 50
MAX_DIGITS = 100
MAX_VALUES = 1_000
INTROSPECTION = {"__schema", "__type"}


def find_violation(document: DocumentNode) -> str | None:
    return next(_violations(document), None)


def _violations(document: DocumentNode) -> Iterator[str]:
    """Yield violations, cheapest check first."""
    if len(document.definitions) > MAX_DEFINITIONS:
        yield f"A document may have at most {MAX_DEFINITIONS} operations and fragments."
    nodes = list(walk(document))
    if sum(isinstance(node, FieldNode) and node.alias is not None for node in nodes) > MAX_ALIASES:
        yield f"A document may have at most {MAX_ALIASES} aliases."
    if sum(isinstance(node, DirectiveNode) for node in nodes) > MAX_DIRECTIVES:
        yield f"A document may have at most {MAX_DIRECTIVES} directives."
    for node in nodes:
        if isinstance(node, SelectionSetNode) and _max_repetitions(node) > MAX_SAME_FIELD:
            yield f"A field may be selected at most {MAX_SAME_FIELD} times in one place."
        if isinstance(node, IntValueNode | FloatValueNode) and len(node.value) > MAX_DIGITS:
            yield f"A number may have at most {MAX_DIGITS} digits."
    yield from _operation_violations(document)
    if overlaps_too_much(document):
        pairs = "pairs of fields with one name in one place"
        yield f"A document may have at most {MAX_FIELD_PAIRS:,} {pairs}."


def find_variables_violation(variables: Any) -> str | None:
    """Return the message for too many values. Stops counting at the limit."""
    pending, seen = [variables], 0
    while pending:
        value = pending.pop()
        if isinstance(value, dict | list):
            seen += len(value)
            if seen > MAX_VALUES:
                return f"The variables of an operation may have at most {MAX_VALUES:,} values."
            pending.extend(value.values() if isinstance(value, dict) else value)
    return None


def _operation_violations(document: DocumentNode) -> Iterator[str]:
    depths = _Depths(document)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            if len(node.selection_set.selections) > MAX_ROOT_FIELDS:
                yield f"An operation may have at most {MAX_ROOT_FIELDS} root fields."
            if depths.of(node.selection_set) > MAX_DEPTH:
                yield f"An operation may be at most {MAX_DEPTH} fields deep."


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and its descendants. A recursion would overflow in a deep document."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        for name in current.keys:
            child = getattr(current, name, None)
            if isinstance(child, Node):
                pending.append(child)
            elif isinstance(child, tuple | list):
                pending.extend(part for part in child if isinstance(part, Node))


def _max_repetitions(selections: SelectionSetNode) -> int:
    names = Counter(
        (node.alias or node.name).value if isinstance(node, FieldNode) else f"...{node.name.value}"
        for node in selections.selections
        if isinstance(node, FieldNode | FragmentSpreadNode)
    )
    return max(names.values(), default=0)


class _Depths:
    """Measures depth, each fragment once. Introspection counts as one level."""

    def __init__(self, document: DocumentNode) -> None:
        self._depths: dict[str, int] = {}
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
        if name not in self._depths:
            self._depths[name] = 0  # a cycle is rejected by validation
            self._depths[name] = self.of(self._fragments.get(name))
        return self._depths[name]
