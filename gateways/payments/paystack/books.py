"""The books of Paystack, put together from its lists: it has no single one with fees."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from gateways.payments.gateway import BalanceTransaction
from gateways.payments.paystack.client import Json, PaystackClient
from gateways.payments.paystack.objects import moment
from gateways.payments.paystack.units import from_paystack


async def read_books(client: PaystackClient, since: datetime) -> AsyncIterator[BalanceTransaction]:
    """Yield payments, refunds, transfers that were not given back, and settlements."""
    start = since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    async for one in client.list("transaction", **{"from": start, "status": "success"}):
        yield _line("PAYMENT", one, one["amount"], one["reference"], one.get("fees") or 0)
    async for one in client.list("refund", **{"from": start}):
        if one["status"] != "failed":
            yield _line("REFUND", one, -one["amount"], str(one["id"]))
    async for one in client.list("transfer", **{"from": start}):
        if one["status"] in {"pending", "success"}:
            fee = one.get("fee_charged") or 0
            yield _line("TRANSFER", one, -one["amount"], one["reference"], fee)
    async for one in client.list("settlement", **{"from": start}):
        if one["status"] == "success":
            paid = one.get("effective_amount") or one["total_amount"]
            yield _line("PAYOUT", one, -paid, str(one["id"]))


def _line(kind: str, given: Json, amount: int, source: str, fee: int = 0) -> BalanceTransaction:
    currency = str(given["currency"])
    made = moment(given.get("createdAt") or given["created_at"])
    minor, fee_minor = from_paystack(amount, currency), from_paystack(fee, currency)
    return BalanceTransaction(
        reference=f"{kind.lower()}-{given['id']}",
        kind=kind,
        amount=minor,
        fee=fee_minor,
        net=minor - fee_minor,
        currency=currency,
        source=source,
        created_at=made,
        available_at=made,
    )
