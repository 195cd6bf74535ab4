"""Parses and validates documents once."""

import asyncio
import hashlib
import sys
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from weakref import ref

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)

from engine.execution.plan_cache import PlanCache
from engine.limits import document_limits
from engine.limits.pricing import PricedOperation
from engine.limits.scopes import NeededScopes
from engine.public_answers.operation import PublicOperation

PARSE_OPTIONS: dict[str, Any] = {
    "max_lexical_tokens": document_limits.MAX_TOKENS,
    "max_comments": document_limits.MAX_COMMENTS,
    "max_source_length": document_limits.MAX_CHARACTERS,
}
MAX_CACHED_TOKENS = 50_000
BYTES_PER_TOKEN = 500
TOKENS_PER_PLANNED_FIELD = 2  # one takes 800 to 1,100 bytes
MAX_ERRORS = 5
# For the requests of others, before each document that is parsed.
PAUSE_SECONDS = 0.001
MAX_FAILED = 100  # each keeps its text, of at most MAX_CHARACTERS


@dataclass
class ParsedDocument:
    """A parsed document, and the limit that it violates, if any.

    `tokens` is what it counts in the cache: its tokens, one per 500 bytes of its text, and two per
    field of the plans of its operations, which are dropped with it.
    """

    document: DocumentNode
    tokens: int
    violation: str | None
    plans: PlanCache
    _errors: dict[Any, list[GraphQLError]] = field(default_factory=dict)
    _priced: dict[str | None, PricedOperation] = field(default_factory=dict)
    _scopes: dict[str | None, NeededScopes] = field(default_factory=dict)
    _public: dict[str | None, PublicOperation] = field(default_factory=dict)

    def priced(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> PricedOperation:
        """Return one of its operations with its prices, which are dropped with the document."""
        name = operation.name.value if operation.name else None
        if name not in self._priced:
            self._priced[name] = PricedOperation(schema, self.document, operation)
        return self._priced[name]

    def scopes(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> NeededScopes:
        """Return the scopes that one of its operations needs, if it is valid."""
        name = operation.name.value if operation.name else None
        if name not in self._scopes:
            self._scopes[name] = NeededScopes.of(schema, self.document, operation)
        return self._scopes[name]

    def public(
        self, schema: GraphQLSchema, operation: OperationDefinitionNode, seconds: float
    ) -> PublicOperation:
        """Return how the answers to one of its operations are kept, for at most `seconds`."""
        name = operation.name.value if operation.name else None
        if name not in self._public:
            self._public[name] = PublicOperation(schema, self.document, operation, seconds)
        return self._public[name]

    @property
    def is_valid(self) -> bool:
        """Whether it was validated, without errors."""
        return not self.violation and bool(self._errors) and not any(self._errors.values())

    def validation_errors(
        self, schema: GraphQLSchema, rules: tuple[Any, ...]
    ) -> list[GraphQLError]:
        """Return the first validation errors. Each quotes its node, up to the whole document."""
        key = (schema, rules)
        if key not in self._errors:
            self._errors[key] = validate(schema, self.document, rules, max_errors=MAX_ERRORS)
        return self._errors[key]


class DocumentCache:
    """The most recently used documents and their plans, limited by their total number of tokens.

    A token takes about 500 bytes. If documents were counted instead, hundreds of the largest would
    take half a gigabyte and a long garbage collection. The text counts too: 50,000 characters can
    be spaces around a few tokens.
    """

    def __init__(
        self,
        max_tokens: int = MAX_CACHED_TOKENS,
        on_new: Callable[[], None] = lambda: None,
    ) -> None:
        self._free_tokens = max_tokens
        self._on_new = on_new
        self._cached: OrderedDict[str, ParsedDocument] = OrderedDict()
        self._failed: OrderedDict[bytes, GraphQLError] = OrderedDict()
        self._turn = asyncio.Lock()

    async def wait_for_turn(self) -> None:
        """Let other requests run before the next new document is read.

        Reading one takes about 10 ms. Those that arrive together would be read in one pass of the
        event loop, and everybody else would wait for all of them.
        """
        async with self._turn:
            await asyncio.sleep(PAUSE_SECONDS)

    def knows_valid(self, text: str) -> bool:
        """Return whether the document was validated before, without errors."""
        return self.find_valid(text) is not None

    def find_valid(self, text: str) -> ParsedDocument | None:
        """Return the document if it was validated before, without errors."""
        parsed = self._cached.get(text)
        if parsed is None or not parsed.is_valid:
            return None
        self._cached.move_to_end(text)
        return parsed

    def read(self, text: str) -> ParsedDocument:
        """Return the parsed document. Raises `GraphQLError` for a syntax error."""
        if text in self._cached:
            self._cached.move_to_end(text)
            return self._cached[text]
        document = self._parse(text)
        violation = document_limits.find_violation(document)
        tokens = _unlink_tokens(document) + sys.getsizeof(text) // BYTES_PER_TOKEN
        parsed = ParsedDocument(document, tokens, violation, PlanCache(document))
        # Without a weak reference, the garbage collector alone could free an evicted document.
        weak = ref(parsed)
        parsed.plans.on_kept = lambda size: self._count_plan(text, weak(), size)
        self._cached[text] = parsed
        self._take(tokens)
        self._on_new()
        return parsed

    def _count_plan(self, text: str, parsed: ParsedDocument | None, size: int) -> None:
        """Count a new plan of a document, unless the document was evicted before."""
        if parsed is not None and self._cached.get(text) is parsed:
            parsed.tokens += size * TOKENS_PER_PLANNED_FIELD
            self._take(size * TOKENS_PER_PLANNED_FIELD)

    def _take(self, tokens: int) -> None:
        """Evict the least recently used documents if there are too few free tokens."""
        self._free_tokens -= tokens
        while self._free_tokens < 0:
            self._free_tokens += self._cached.popitem(last=False)[1].tokens

    def _parse(self, text: str) -> DocumentNode:
        """Parse a document. A failure is kept: its 30 ms are the same as those of a success."""
        key = hashlib.sha256(text.encode()).digest()
        if error := self._failed.get(key):
            raise error.with_traceback(None)
        try:
            return parse(text, **PARSE_OPTIONS)
        except GraphQLError as error:
            self._failed[key] = error
            if len(self._failed) > MAX_FAILED:
                self._failed.popitem(last=False)
            raise


def _unlink_tokens(document: DocumentNode) -> int:
    """Remove the links from each token to the one before it, and return the number of tokens.

    Nothing reads them. They would make cycles, which only the garbage collector can free, and it
    does not visit documents that are frozen (core/runtime/garbage.py).
    """
    token = document.loc.start_token if document.loc else None
    count = 0
    while token:
        token.prev = None
        token, count = token.next, count + 1
    return count
