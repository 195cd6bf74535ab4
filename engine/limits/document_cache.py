"""Parsing, once per document, and what is found out about a document beside."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema, parse, validate
from strawberry.extensions import SchemaExtension

from engine.limits import document_limits

PARSE: dict[str, Any] = {
    "max_lexical_tokens": document_limits.TOKENS,
    "max_comments": document_limits.COMMENTS,
    "max_source_length": document_limits.CHARACTERS,
}
KEPT_TOKENS = 50_000
ERRORS = 5


@dataclass
class ParsedDocument:
    """A document with what is wrong with it, each found out once."""

    document: DocumentNode
    tokens: int
    problem: str | None
    _errors: dict[Any, list[GraphQLError]] = field(default_factory=dict)

    def errors(self, schema: GraphQLSchema, rules: tuple[Any, ...]) -> list[GraphQLError]:
        """The first few: each quotes what it is about, which may be the whole document."""
        by = (schema, rules)
        if by not in self._errors:
            self._errors[by] = validate(schema, self.document, rules, max_errors=ERRORS)
        return self._errors[by]


class DocumentCache:
    """The documents asked for last, as many as fit.

    Counted by tokens, for each is some 500 bytes in half a dozen objects: hundreds of the
    largest documents would be half a gigabyte, and a pause whenever garbage is looked for.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._known: OrderedDict[str, ParsedDocument] = OrderedDict()

    def read(self, text: str) -> ParsedDocument:
        """Raises a `GraphQLError` where the syntax ends."""
        if text in self._known:
            self._known.move_to_end(text)
            return self._known[text]
        document = parse(text, **PARSE)
        known = ParsedDocument(document, _tokens(document), document_limits.problem(document))
        self._known[text] = known
        self._room -= known.tokens
        while self._room < 0:
            self._room += self._known.popitem(last=False)[1].tokens
        return known


class DocumentParsing(SchemaExtension):
    """Leaves a document with a syntax error to Strawberry's own parser.

    Raised from this hook, the error would go by all who give it a code, and would
    end a stream without a word to its client.
    """

    def on_operation(self) -> Iterator[None]:
        self.execution_context.parse_options.update(PARSE)  # type: ignore[typeddict-item]
        yield

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        with suppress(GraphQLError):
            context.graphql_document = read(context.query or "").document
        yield


def _tokens(document: DocumentNode) -> int:
    token = document.loc.start_token if document.loc else None
    count = 0
    while token:
        token, count = token.next, count + 1
    return count


read = DocumentCache(KEPT_TOKENS).read
