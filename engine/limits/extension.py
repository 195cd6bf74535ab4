"""Enforces document limits, scopes and rate limits."""

from collections.abc import AsyncIterator
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
)
from strawberry.extensions import SchemaExtension

from core.errors import (
    BudgetExceeded,
    CsrfTokenWrong,
    MalformedRequest,
    ScopeMissing,
    UserMessage,
)
from core.limits.buckets import Charge
from engine.context import Context
from engine.errors.codes import Fault, truncate
from engine.limits import document_limits, scopes
from engine.limits.charging import charge, charge_length, length_price, min_price
from engine.limits.document_cache import ParsedDocument
from engine.limits.impersonation import find_forbidden, impersonation_result
from engine.strawberry_internals import graphql_schema, requested_operation_name

MAX_COST = 5_000
# Of a subscription, whose selection is executed again for each change, and not charged: a sender of
# messages for 36 points caused 5.6 s of work in subscriptions. The dearest of the guides costs 18.
MAX_EVENT_COST = 300


class RequestLimits(SchemaExtension):
    """Charges for the length, checks limits, validates, checks scopes, then charges the rest."""

    def __init__(self) -> None:
        self._cost = 0
        self._max_cost = MAX_COST
        self._charge: Charge | None = None

    async def on_operation(self) -> AsyncIterator[None]:
        """Charge for the length before the document is parsed, so that no failure is free.

        `on_validate` refuses if there were too few points: an error raised here would have no code.
        """
        text = self.execution_context.query or ""
        self._charge = await charge_length(self.execution_context.context, text)
        if self._charge is not None:
            self._cost = length_price(self.execution_context.context, text)
        yield

    async def on_validate(self) -> AsyncIterator[None]:
        document = self.execution_context.graphql_document
        if document is not None:
            errors = await self._find_errors(document)
            if errors and self._charge is None:
                errors = await self._charge_refused(errors)
            self.execution_context.pre_execution_errors = errors
        yield

    def get_results(self) -> dict[str, Any]:
        acting = impersonation_result(self.execution_context.context.viewer)
        if self._charge is None:
            return acting
        return cost_result(self._cost, self._charge, self._max_cost) | acting

    async def _find_errors(self, document: DocumentNode) -> list[GraphQLError]:
        context = self.execution_context
        caller: Context = context.context
        if self._charge and not self._charge.allowed:
            return [rate_limited(self._charge)]
        if caller.document_error is not None:
            return [caller.document_error]
        parsed = caller.app.document_cache.read(context.query or "")
        variables = context.variables
        if violation := parsed.violation or document_limits.find_variables_violation(variables):
            return [refused(Fault.QUERY_TOO_COMPLEX, violation)]
        schema = graphql_schema(context.schema)
        errors = parsed.validation_errors(schema, context.validation_rules)
        if errors := errors or self._check_operation_name(document):
            return errors
        operation = get_operation_ast(document, context.operation_name)
        return await self._authorize_and_charge(schema, parsed, operation) if operation else []

    async def _authorize_and_charge(
        self, schema: GraphQLSchema, parsed: ParsedDocument, operation: OperationDefinitionNode
    ) -> list[GraphQLError]:
        context = self.execution_context
        caller: Context = context.context
        if caller.viewer.uses_api_token and (
            violation := scopes.find_violation(caller.viewer, parsed.scopes(schema, operation))
        ):
            code = Fault.SCOPE_MISSING if isinstance(violation, ScopeMissing) else Fault.FORBIDDEN
            return [refused(code, violation)]
        if forbidden := find_forbidden(caller.viewer, schema, parsed.document, operation):
            return [refused(Fault.NOT_WHILE_IMPERSONATING, forbidden)]
        priced = parsed.priced(schema, operation)
        if caller.browser and not priced.signs_in:
            is_mutation = operation.operation is OperationType.MUTATION
            if not caller.browser.permits(is_mutation=is_mutation):
                return [refused(Fault.CSRF_TOKEN_WRONG, CsrfTokenWrong())]
        charged = self._cost
        quote = priced.quote(context.variables or {}, max(charged, min_price(caller)))
        self._cost = quote.cost
        if operation.operation is OperationType.SUBSCRIPTION:
            self._max_cost = MAX_EVENT_COST
        if quote.price > self._max_cost:
            too_complex = MalformedRequest(
                "This operation costs {price} points; the limit is {most}. Request less data.",
                price=quote.price,
                most=self._max_cost,
            )
            return [refused(Fault.QUERY_TOO_COMPLEX, too_complex)]
        self._cost = quote.points
        # The length of a document that is not known was charged to the network.
        signs_in = not charged and priced.signs_in
        self._charge = await charge(caller, self._cost - charged, signs_in=signs_in)
        return [] if self._charge.allowed else [rate_limited(self._charge)]

    async def _charge_refused(self, errors: list[GraphQLError]) -> list[GraphQLError]:
        """Charge for a document that is known to be valid as for one that is not."""
        context = self.execution_context
        self._cost = length_price(context.context, context.query or "")
        self._charge = await charge(context.context, self._cost)
        return errors if self._charge.allowed else [rate_limited(self._charge)]

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


def cost_result(points: int, charge: Charge, limit: int = MAX_COST) -> dict[str, Any]:
    """Return the `extensions` of a response."""
    cost = {
        "requested": points,
        "limit": limit,
        "remaining": charge.remaining,
        "resetAt": charge.reset_at.isoformat().replace("+00:00", "Z"),
    }
    return {"cost": cost}


def refused(code: Fault, message: UserMessage | str) -> GraphQLError:
    """Return an error; `ErrorFormatter` translates it."""
    cause = message if isinstance(message, UserMessage) else None
    return GraphQLError(truncate(str(message)), original_error=cause, extensions={"code": code})


def rate_limited(charge: Charge) -> GraphQLError:
    return refused(Fault.RATE_LIMITED, BudgetExceeded(charge.wait_seconds))
