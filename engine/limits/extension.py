"""Holds an operation to its size, its caller to scopes and a budget, and tells what it cost."""

from collections.abc import AsyncIterator
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    get_operation_ast,
)
from strawberry.extensions import SchemaExtension

from core.cost_budget import Charge, TokenBucket
from core.errors import UserMessage
from engine.context import Context
from engine.error_codes import Fault, brief
from engine.limits import document_limits, scopes
from engine.limits.cost import Pricing
from engine.limits.document_cache import read

COST = 5_000


class RequestLimits(SchemaExtension):
    """Measures, validates, asks for scopes, prices, and charges, in this order."""

    def __init__(self) -> None:
        self._price: int | None = None
        self._charge: Charge | None = None

    async def on_validate(self) -> AsyncIterator[None]:
        document = self.execution_context.graphql_document
        if document is not None:
            self.execution_context.pre_execution_errors = await self._problems(document)
        yield

    def get_results(self) -> dict[str, Any]:
        if self._price is None:
            return {}
        cost: dict[str, Any] = {"requested": self._price, "limit": COST}
        if self._charge:
            cost |= {
                "remaining": self._charge.remaining,
                "resetAt": self._charge.reset_at.isoformat().replace("+00:00", "Z"),
            }
        return {"cost": cost}

    async def _problems(self, document: DocumentNode) -> list[GraphQLError]:
        context = self.execution_context
        known = read(context.query or "")
        if problem := known.problem or document_limits.variables_problem(context.variables):
            return [refused(Fault.QUERY_TOO_COMPLEX, problem)]
        schema = context.schema._schema  # noqa: SLF001 - Strawberry shows it in no other way
        if errors := known.errors(schema, context.validation_rules) or self._unnamed(document):
            return errors
        operation = get_operation_ast(document, context.operation_name)
        return await self._dues(schema, document, operation) if operation else []

    async def _dues(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
    ) -> list[GraphQLError]:
        """What the caller lacks for an operation that is sound: a scope, or points."""
        context = self.execution_context
        caller: Context = context.context
        if lacking := scopes.problem(caller.viewer, schema, document, operation):
            return [refused(Fault.FORBIDDEN, lacking)]
        self._price = Pricing(schema, document, context.variables or {}).price(operation)
        if self._price > COST:
            dear = UserMessage(
                "This costs {price} points; an operation may cost {most}. Ask for less.",
                price=self._price,
                most=COST,
            )
            return [refused(Fault.QUERY_TOO_COMPLEX, dear)]
        self._charge = await caller.app.budget.charge(*_bucket(caller), self._price)
        if self._charge.allowed:
            return []
        spent = UserMessage("Too many requests at once. Wait until `resetAt`.")
        return [refused(Fault.RATE_LIMITED, spent)]

    def _unnamed(self, document: DocumentNode) -> list[GraphQLError]:
        """Of several operations one must be named: Strawberry would run the first unasked."""
        if self.execution_context._provided_operation_name is not None:  # noqa: SLF001
            return []
        if sum(isinstance(node, OperationDefinitionNode) for node in document.definitions) == 1:
            return []
        several = UserMessage("The document has several operations: name one by `operationName`.")
        return [refused(Fault.BAD_USER_INPUT, several)]


def refused(code: Fault, said: UserMessage | str) -> GraphQLError:
    """Return a top-level error. `ErrorFormatter` translates the text of a `UserMessage`."""
    cause = said if isinstance(said, UserMessage) else None
    return GraphQLError(brief(str(said)), original_error=cause, extensions={"code": code})


def _bucket(caller: Context) -> tuple[str, TokenBucket]:
    """Anonymous callers share the bucket of their address; a program can't empty its user's."""
    settings, viewer = caller.app.settings, caller.viewer
    if viewer.user_id is None:
        return f"from:{caller.address}", settings.anonymous_bucket
    if viewer.uses_api_token:
        return f"token:{viewer.session_id}", settings.token_bucket
    return f"user:{viewer.user_id}", settings.user_bucket
