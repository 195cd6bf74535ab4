"""How much of a document lies upon itself.

Fields of one name in one place must agree, and validation (OverlappingFieldsCanBeMerged)
compares each with each, and all below each with all below each: a small document takes
as long as two hundred sound ones.
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

PAIRS = 3_000


def overlaps_too_much(document: DocumentNode) -> bool:
    """Whether there are more pairs to compare than may be. Wants a document of bounded depth."""
    found = _Overlap(document)
    for definition in document.definitions:
        if isinstance(definition, ExecutableDefinitionNode):
            found.count([definition.selection_set])
    return found.pairs > PAIRS


class _Overlap:
    """Counts pairs, once for each set of places, and no further than to the limit."""

    def __init__(self, document: DocumentNode) -> None:
        self.pairs = 0
        self._counted: set[frozenset[int]] = set()
        self._fragments = {
            node.name.value: node.selection_set
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def count(self, places: list[SelectionSetNode]) -> None:
        these = frozenset(map(id, places))
        if these in self._counted or self.pairs > PAIRS:
            return
        self._counted.add(these)
        named: dict[str, list[FieldNode]] = defaultdict(list)
        for field in self._fields(places):
            named[(field.alias or field.name).value].append(field)
        for alike in named.values():
            self.pairs += len(alike) * (len(alike) - 1) // 2
            if below := [field.selection_set for field in alike if field.selection_set]:
                self.count(below)

    def _fields(self, places: Iterable[SelectionSetNode]) -> Iterator[FieldNode]:
        """The fields of all these places, and of the fragments spread there, each once."""
        waiting, spread = list(places), set[str]()
        while waiting:
            for node in waiting.pop().selections:
                if isinstance(node, FieldNode):
                    yield node
                elif isinstance(node, InlineFragmentNode):
                    waiting.append(node.selection_set)
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                    spread.add(node.name.value)
                    if found := self._fragments.get(node.name.value):
                        waiting.append(found)
