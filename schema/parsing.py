"""Parsing, once per document."""

from collections.abc import Iterator
from contextlib import suppress

from graphql import GraphQLError
from strawberry.extensions import ParserCache


class Parsing(ParserCache):
    """Strawberry's cache, which leaves a document with a syntax error to Strawberry's own parser.

    Raised from this hook, the error would go by all who give it a code, and would
    end a stream without a word to its client.
    """

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        with suppress(GraphQLError):
            context.graphql_document = self.cached_parse_document(
                context.query, **context.parse_options
            )
        yield
