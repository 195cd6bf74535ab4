"""Starts subscriptions of documents that this process has validated before."""

from collections.abc import Mapping
from inspect import isawaitable
from typing import Any, NamedTuple

from graphql import (
    ExecutionResult,
    Executor,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    create_source_event_stream,
    get_operation_ast,
)
from strawberry.schema import BaseSchema

from engine.context import Context
from engine.errors.conversion import explain_error
from engine.instrumentation import label_of, recorded
from engine.limits.document_cache import DocumentCache, ParsedDocument
from engine.limits.known_operations import pay
from engine.strawberry_internals import graphql_schema


class KnownSubscription(NamedTuple):
    """A subscription of a valid document, the `name` that the client sent, and its variables."""

    parsed: ParsedDocument
    operation: OperationDefinitionNode
    name: str | None
    variables: Mapping[str, Any]


def find_known(
    documents: DocumentCache, text: str, name: str | None, variables: Mapping[str, Any] | None
) -> KnownSubscription | None:
    """Return the subscription that is requested, if its document was validated before."""
    parsed = documents.find_valid(text)
    operation = get_operation_ast(parsed.document, name) if parsed else None
    if parsed is None or operation is None or name == "":  # Strawberry takes it for none
        return None
    if operation.operation is not OperationType.SUBSCRIPTION:
        return None
    return KnownSubscription(parsed, operation, name, variables or {})


async def start(
    schema: BaseSchema, context: Context, known: KnownSubscription
) -> list[GraphQLError] | None:
    """Accept a subscription: charge, authorize, and note it in the context.

    Returns the errors that refuse it, or None if the schema with its extensions has to refuse it;
    then nothing was charged. Each extension has its part here, as in `execute_known` of the short
    path. Without them, a crowd that subscribes costs a fraction of the CPU time.
    """
    parsed, operation, name, variables = known
    plain = graphql_schema(schema)
    if await pay(context, plain, parsed, operation, variables) is None:
        return None

    def label() -> tuple[str, str]:
        return label_of(context.app, plain, operation, name)

    with recorded(context, label) as outcome:
        errors = [
            explain_error(error, context, schema, parsed.document, variables)
            for error in await _accept(schema, context, known)
        ]
        outcome.note(errors)
    return errors


async def _accept(
    schema: BaseSchema, context: Context, known: KnownSubscription
) -> list[GraphQLError]:
    """Run the resolver of the subscription, which notes it in the context. Return its errors."""
    executor = Executor.build(
        graphql_schema(schema),
        known.parsed.document,
        context_value=context,
        raw_variable_values=dict(known.variables),
        operation_name=known.name,
    )
    if isinstance(executor, list):
        return executor
    stream = create_source_event_stream(executor)
    found = await stream if isawaitable(stream) else stream
    if isinstance(found, ExecutionResult):
        return found.errors or []
    return []
