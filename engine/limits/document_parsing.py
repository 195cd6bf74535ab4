"""Makes Strawberry take parsed documents from the document cache."""

from collections.abc import Iterator
from contextlib import suppress

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from engine.context import Context
from engine.limits.document_cache import PARSE_OPTIONS


class DocumentParsing(SchemaExtension):
    """Sets the parsed document, unless it has a syntax error, which Strawberry then finds itself.

    An error raised here would bypass the extensions that add error codes, and would end an event
    stream without an error message.
    """

    def on_operation(self) -> Iterator[None]:
        self.execution_context.parse_options.update(PARSE_OPTIONS)  # type: ignore[typeddict-item]
        yield

    def on_parse(self) -> Iterator[None]:
        execution = self.execution_context
        context: Context = execution.context
        with suppress(GraphQLError):
            parsed = context.app.document_cache.read(execution.query or "")
            execution.graphql_document = parsed.document
        yield
