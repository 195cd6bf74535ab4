"""Limits the work of the validation rule OverlappingFieldsCanBeMerged.

The rule compares all pairs of fields with the same response name, recursively, so a small malicious
document takes as long to validate as 200 normal ones.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)

MAX_FIELD_PAIRS = 3_000


def overlaps_too_much(document: DocumentNode) -> bool:
    """Return whether there are too many pairs. The document's depth must be limited."""
    overlap = _Overlap(document)
    for definition in document.definitions:
        if isinstance(definition, ExecutableDefinitionNode):
            overlap.count([definition.selection_set])
    return overlap.pairs > MAX_FIELD_PAIRS


class _Overlap:
    """Counts pairs, once per set of selection sets, up to the limit."""

    def __init__(self, document: DocumentNode) -> None:
        self.pairs = 0
        self._counted: set[frozenset[int]] = set()
        self._fragments = {
            node.name.value: node.selection_set
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def count(self, selection_sets: list[SelectionSetNode]) -> None:
        key = frozenset(map(id, selection_sets))
        if key in self._counted or self.pairs > MAX_FIELD_PAIRS:
            return
        self._counted.add(key)
        by_name: dict[str, list[FieldNode]] = defaultdict(list)
        for field in self._fields(selection_sets):
            by_name[(field.alias or field.name).value].append(field)
        for same_name in by_name.values():
            self.pairs += len(same_name) * (len(same_name) - 1) // 2
            if below := [field.selection_set for field in same_name if field.selection_set]:
                self.count(below)

    def _fields(self, selection_sets: Iterable[SelectionSetNode]) -> Iterator[FieldNode]:
        """Yield the fields, also those of fragments, each once."""
        pending, spread = list(selection_sets), set[str]()
        while pending:
            for node in pending.pop().selections:
                if isinstance(node, FieldNode):
                    yield node
                elif isinstance(node, InlineFragmentNode):
                    pending.append(node.selection_set)
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                    spread.add(node.name.value)
                    if found := self._fragments.get(node.name.value):
                        pending.append(found)
