"""Enforces document limits, scopes and rate limits."""

import math
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

from core.errors import BudgetExceeded, MalformedRequest, UserMessage
from core.limits import keys
from core.limits.buckets import Charge, TokenBucket
from core.limits.keys import LimitKey
from engine.context import Context
from engine.error_codes import Fault, truncate
from engine.limits import document_limits, scopes
from engine.limits.cost import CostCalculator
from engine.strawberry_internals import graphql_schema, requested_operation_name

MAX_COST = 5_000
# Parsing and validation take time by length, even if they fail: 67 invalid documents of 2.3 KB a
# second, of 15 ms each, delayed the requests of other callers from 7 to 566 ms. At this price a
# caller has about ten a second. Documents that are known to be valid are not parsed again.
CHARACTERS_PER_POINT = 25


class RequestLimits(SchemaExtension):
    """Charges for the length, checks limits, validates, checks scopes, then charges the rest."""

    def __init__(self) -> None:
        self._cost = 0
        self._charge: Charge | None = None

    async def on_operation(self) -> AsyncIterator[None]:
        """Charge for the length before the document is parsed, so that no failure is free.

        `on_validate` refuses if there were too few points: an error raised here would have no code.
        """
        text = self.execution_context.query or ""
        self._charge = await charge_length(self.execution_context.context, text)
        if self._charge is not None:
            self._cost = _length_price(text)
        yield

    async def on_validate(self) -> AsyncIterator[None]:
        document = self.execution_context.graphql_document
        if document is not None:
            self.execution_context.pre_execution_errors = await self._find_errors(document)
        yield

    def get_results(self) -> dict[str, Any]:
        if self._charge is None:
            return {}
        cost = {
            "requested": self._cost,
            "limit": MAX_COST,
            "remaining": self._charge.remaining,
            "resetAt": self._charge.reset_at.isoformat().replace("+00:00", "Z"),
        }
        return {"cost": cost}

    async def _find_errors(self, document: DocumentNode) -> list[GraphQLError]:
        context = self.execution_context
        caller: Context = context.context
        if self._charge and not self._charge.allowed:
            return [rate_limited(self._charge)]
        if caller.syntax_error is not None:
            return [caller.syntax_error]
        parsed = caller.app.document_cache.read(context.query or "")
        variables = context.variables
        if violation := parsed.violation or document_limits.find_variables_violation(variables):
            return [refused(Fault.QUERY_TOO_COMPLEX, violation)]
        schema = graphql_schema(context.schema)
        errors = parsed.validation_errors(schema, context.validation_rules)
        if errors := errors or self._check_operation_name(document):
            return errors
        operation = get_operation_ast(document, context.operation_name)
        return await self._authorize_and_charge(schema, document, operation) if operation else []

    async def _authorize_and_charge(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
    ) -> list[GraphQLError]:
        context = self.execution_context
        caller: Context = context.context
        if violation := scopes.find_violation(caller.viewer, schema, document, operation):
            return [refused(Fault.FORBIDDEN, violation)]
        charged = self._cost
        price = CostCalculator(schema, document, context.variables or {}).cost(operation)
        self._cost = max(price, charged)
        if self._cost > MAX_COST:
            too_complex = MalformedRequest(
                "This operation costs {price} points; the limit is {most}. Request less data.",
                price=self._cost,
                most=MAX_COST,
            )
            return [refused(Fault.QUERY_TOO_COMPLEX, too_complex)]
        self._charge = await self._take(self._cost - charged)
        return [] if self._charge.allowed else [rate_limited(self._charge)]

    async def _take(self, points: int) -> Charge:
        caller: Context = self.execution_context.context
        return await caller.app.limits.charge(_bucket(caller), points, caller.redis_allowance)

    def _check_operation_name(self, document: DocumentNode) -> list[GraphQLError]:
        """Require `operationName` if there are several: Strawberry would run the first."""
        if requested_operation_name(self.execution_context) is not None:
            return []
        if sum(isinstance(node, OperationDefinitionNode) for node in document.definitions) == 1:
            return []
        unnamed = MalformedRequest(
            "The document contains several operations. Choose one with `operationName`."
        )
        return [refused(Fault.BAD_USER_INPUT, unnamed)]


async def charge_length(caller: Context, text: str) -> Charge | None:
    """Charge once for the length of a document that is not known to be valid.

    Returns None for one that is: it is not parsed again, and saves this round trip to Redis.
    """
    if caller.length_charge is None and not caller.app.document_cache.knows_valid(text):
        caller.length_charge = await caller.app.limits.charge(
            _bucket(caller), _length_price(text), caller.redis_allowance
        )
    return caller.length_charge


def _length_price(text: str) -> int:
    return math.ceil(len(text) / CHARACTERS_PER_POINT)


def refused(code: Fault, message: UserMessage | str) -> GraphQLError:
    """Return an error; `ErrorFormatter` translates it."""
    cause = message if isinstance(message, UserMessage) else None
    return GraphQLError(truncate(str(message)), original_error=cause, extensions={"code": code})


def rate_limited(charge: Charge) -> GraphQLError:
    return refused(Fault.RATE_LIMITED, BudgetExceeded(charge.wait_seconds))


def _bucket(caller: Context) -> dict[LimitKey, TokenBucket]:
    """Return the caller's bucket. API tokens can't use up their user's points."""
    settings, viewer = caller.app.settings, caller.viewer
    if viewer.user_id is None:
        return {keys.of_network(caller.address): settings.anonymous_bucket}
    if viewer.uses_api_token:
        return {keys.of_api_token(viewer.session_id): settings.token_bucket}
    return {keys.of_user(viewer.user_id): settings.user_bucket}
