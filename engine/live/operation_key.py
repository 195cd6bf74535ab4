"""An operation without the cursor that it resumes from."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from graphql import (
    REMOVE,
    ArgumentNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    get_operation_ast,
    parse,
    print_ast,
    visit,
)

from engine.limits.document_cache import PARSE_OPTIONS, DocumentCache

CURSOR_ARGUMENT = "after"
DEFINITION_AND_USE = 2  # occurrences of a variable that is used once
ROOT_ARGUMENT_DEPTH = 7  # steps of a visitor's path from the document to a root field's argument
OPERATION_DEPTH = 2  # the position of the operation among the ancestors
MAX_NORMALIZED_DOCUMENTS = 500


@dataclass(frozen=True)
class OperationKey:
    """An operation to execute for each change. Keys are equal if only their cursors differ.

    Subscribers resume from different cursors, so neither a literal `after` of a root field nor a
    variable that is used for nothing else counts.
    """

    normalized_text: str
    name: str | None
    other_variables: bytes
    locales: tuple[str, ...]
    text: str = field(compare=False)
    variables: Mapping[str, Any] = field(compare=False)

    @classmethod
    def of(
        cls, text: str, name: str | None, variables: Mapping[str, Any] | None, locales: list[str]
    ) -> "OperationKey":
        given = variables or {}
        normalized_text, cursors = _normalize(text)
        others = {key: value for key, value in given.items() if key not in cursors}
        encoded = orjson.dumps(others, option=orjson.OPT_SORT_KEYS)
        return cls(normalized_text, name, encoded, tuple(locales), text, given)


def is_subscription(documents: DocumentCache, text: str, name: str | None) -> bool:
    """Return whether a subscription would run. False without such an operation."""
    with suppress(GraphQLError):
        found = get_operation_ast(documents.read(text).document, name)
        return found is not None and found.operation is OperationType.SUBSCRIPTION
    return False


@lru_cache(maxsize=MAX_NORMALIZED_DOCUMENTS)
def _normalize(text: str) -> tuple[str, frozenset[str]]:
    """Return the document without literal cursors, and the cursor variables.

    `text` has passed the limits of documents, `MAX_CHARACTERS` among them.
    """
    visitor = _CursorVisitor()
    normalized = print_ast(visit(parse(text, **PARSE_OPTIONS), visitor))
    cursors = {name for name in visitor.cursors if visitor.uses[name] == DEFINITION_AND_USE}
    return normalized, frozenset(cursors)


class _CursorVisitor(Visitor):
    """Collects variables that root fields take as `after`, and removes literal cursors."""

    def __init__(self) -> None:
        super().__init__()
        self.cursors: set[str] = set()
        self.uses: Counter[str] = Counter()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.uses[node.name.value] += 1

    def enter_argument(
        self, node: ArgumentNode, _: Any, __: Any, path: list[Any], ancestors: list[Any]
    ) -> Any:
        of_root_field = len(path) == ROOT_ARGUMENT_DEPTH and isinstance(
            ancestors[OPERATION_DEPTH], OperationDefinitionNode
        )
        if not of_root_field or node.name.value != CURSOR_ARGUMENT:
            return None
        if not isinstance(node.value, VariableNode):
            return REMOVE
        self.cursors.add(node.value.name.value)
        return None
