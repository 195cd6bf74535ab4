"""What a subscriber asked for, apart from where it resumes."""

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

RESUMES = "after"
DEFINED_AND_USED = 2
ROOT = 7  # steps from the document to an argument of a root field
OPERATION = 2  # of these, where the operation stands


@dataclass(frozen=True)
class Operation:
    """Equal ones ask the same: the text without a literal cursor, and the other variables."""

    form: str
    name: str | None
    others: bytes
    locales: tuple[str, ...]
    text: str = field(compare=False)
    variables: Mapping[str, Any] = field(compare=False)

    @classmethod
    def of(
        cls, text: str, name: str | None, given: Mapping[str, Any] | None, locales: list[str]
    ) -> "Operation":
        form, resuming = _form(text)
        others = {key: value for key, value in (given or {}).items() if key not in resuming}
        encoded = orjson.dumps(others, option=orjson.OPT_SORT_KEYS)
        return cls(form, name, encoded, tuple(locales), text, given or {})


def subscribes(documents: DocumentCache, text: str, name: str | None) -> bool:
    """Whether it is a subscription that would be run; not if nothing can be."""
    with suppress(GraphQLError):
        found = get_operation_ast(documents.read(text).document, name)
        return found is not None and found.operation is OperationType.SUBSCRIPTION
    return False


@lru_cache(maxsize=500)
def _form(text: str) -> tuple[str, frozenset[str]]:
    """The document without a literal cursor, and the variables that are a cursor and no more."""
    document = parse(text, **PARSE_OPTIONS)
    seen = _Resuming()
    form = print_ast(visit(document, seen))
    return form, frozenset(name for name in seen.cursors if seen.uses[name] == DEFINED_AND_USED)


class _Resuming(Visitor):
    """Notes the variables of root fields' `after`, and leaves out literal ones."""

    def __init__(self) -> None:
        super().__init__()
        self.cursors: set[str] = set()
        self.uses: Counter[str] = Counter()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.uses[node.name.value] += 1

    def enter_argument(
        self, node: ArgumentNode, _: Any, __: Any, path: list[Any], ancestors: list[Any]
    ) -> Any:
        root = len(path) == ROOT and isinstance(ancestors[OPERATION], OperationDefinitionNode)
        if not root or node.name.value != RESUMES:
            return None
        if not isinstance(node.value, VariableNode):
            return REMOVE
        self.cursors.add(node.value.name.value)
        return None
