"""Makes Strawberry take parsed documents from the document cache."""

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_operation_ast,
)
from strawberry.extensions import SchemaExtension

from engine.context import Context
from engine.errors.codes import Fault
from engine.limits.document_cache import PARSE_OPTIONS
from engine.limits.extension import refused
from engine.strawberry_internals import requested_operation_name


class DocumentParsing(SchemaExtension):
    """Sets the parsed document.

    A document of a caller without points is not parsed, and one with a syntax error only once. A
    placeholder stands for these, and for one without the requested operation, until
    `RequestLimits` refuses the operation. An error raised here would
    bypass the extensions that add error codes, and end an event stream without an error message.
    """

    def on_operation(self) -> Iterator[None]:
        self.execution_context.parse_options.update(PARSE_OPTIONS)  # type: ignore[typeddict-item] # graphql-core has more options
        yield

    def on_parse(self) -> Iterator[None]:
        self.execution_context.graphql_document = self._parse() or self._placeholder()
        yield

    def _parse(self) -> DocumentNode | None:
        context: Context = self.execution_context.context
        if not context.was_parsed:
            return None
        try:
            document = context.app.document_cache.read(self.execution_context.query or "").document
            self._ensure_operation(document)
        except GraphQLError as error:
            context.document_error = error
            return None
        return document

    def _ensure_operation(self, document: DocumentNode) -> None:
        name = requested_operation_name(self.execution_context)
        if name is not None and get_operation_ast(document, name) is None:
            raise refused(Fault.BAD_USER_INPUT, f'Unknown operation named "{name}".')

    def _placeholder(self) -> DocumentNode:
        """Return `{ __typename }` under the requested name, which is never executed."""
        name = requested_operation_name(self.execution_context)
        operation = OperationDefinitionNode(
            operation=OperationType.QUERY,
            name=NameNode(value=name) if name else None,
            variable_definitions=(),
            directives=(),
            selection_set=SelectionSetNode(
                selections=(
                    FieldNode(name=NameNode(value="__typename"), arguments=(), directives=()),
                )
            ),
        )
        return DocumentNode(definitions=(operation,))
