"""Charges for operations of documents that were validated before."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import GraphQLSchema, OperationDefinitionNode, OperationType

from core.limits.buckets import Charge
from engine.context import Context
from engine.limits import scopes
from engine.limits.charging import charge_known, min_price
from engine.limits.document_cache import ParsedDocument
from engine.limits.document_limits import find_variables_violation
from engine.limits.extension import MAX_COST, MAX_EVENT_COST
from engine.limits.impersonation import find_forbidden


class PaidOperation(NamedTuple):
    """The price of an operation alone, the points that its request cost, and the charge."""

    price: int
    points: int
    charge: Charge


async def pay(
    caller: Context,
    schema: GraphQLSchema,
    parsed: ParsedDocument,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> PaidOperation | None:
    """Charge the caller for an operation of a valid document, as `RequestLimits` does.

    Returns None if the caller must be refused. Then nothing was charged, and the operation has to
    be executed with the extensions of the schema, which refuse it.
    """
    if caller.viewer.problem or find_variables_violation(dict(variables)):
        return None
    if caller.viewer.uses_api_token and scopes.find_violation(
        caller.viewer, parsed.scopes(schema, operation)
    ):
        return None
    if find_forbidden(caller.viewer, schema, parsed.document, operation):
        return None
    priced = parsed.priced(schema, operation)
    quote = priced.quote(variables, min_price(caller))
    is_subscription = operation.operation is OperationType.SUBSCRIPTION
    if quote.price > (MAX_EVENT_COST if is_subscription else MAX_COST):
        return None
    charged = await charge_known(caller, quote.points, signs_in=priced.signs_in)
    if not charged.allowed:  # a refused charge takes nothing
        caller.charged = False
        return None
    return PaidOperation(quote.price, quote.points, charged)
