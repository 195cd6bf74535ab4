"""The books of Paystack, put together from its lists: it has no single one with fees."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gateways.payments.gateway import BalanceTransaction, DisputeLine
from gateways.payments.paystack.client import Json, PaystackClient
from gateways.payments.paystack.objects import dispute, moment
from gateways.payments.paystack.units import from_paystack

ON_THEIR_WAY = ("pending", "success")
CAME_BACK = ("failed", "reversed")
DECIDED = timedelta(days=120)  # after which a dispute is decided at the latest


async def read_books(client: PaystackClient, since: datetime) -> AsyncIterator[BalanceTransaction]:
    """Yield payments, refunds, transfers, lost disputes and settlements.

    A refund or a transfer that failed, or came back, is two lines that cancel each other.
    """
    start = _moment(since)
    async for one in client.list("transaction", **{"from": start, "status": "success"}):
        yield _line("PAYMENT", one, one["amount"], one["reference"], one.get("fees") or 0)
    async for one in client.list("refund", **{"from": start}):
        yield _line("REFUND", one, -one["amount"], str(one["id"]))
        if one["status"] == "failed":
            yield _back("REFUND", one, str(one["id"]))
    async for one in client.list("transfer", **{"from": start}):
        if one["status"] in {*ON_THEIR_WAY, *CAME_BACK}:
            fee = one.get("fee_charged") or 0
            yield _line("TRANSFER", one, -one["amount"], one["reference"], fee)
        if one["status"] in CAME_BACK:
            yield _back("TRANSFER", one, one["reference"])
    async for line in _lost_disputes(client, since):
        yield line
    async for one in client.list("settlement", **{"from": start}):
        if one["status"] == "success":
            paid = one.get("effective_amount") or one["total_amount"]
            yield _line("PAYOUT", one, -paid, str(one["id"]))


async def _lost_disputes(
    client: PaystackClient, since: datetime
) -> AsyncIterator[BalanceTransaction]:
    """Yield the disputes that were lost since a time. They are listed by when they began."""
    began = {"from": _moment(since - DECIDED), "status": "resolved"}
    async for one in client.list("dispute", **began):
        if _decided_at(one) >= since:
            for line in dispute(one).bookings:
                yield _line_of_dispute(one, line)


def _line_of_dispute(given: Json, line: DisputeLine) -> BalanceTransaction:
    """Return the line by which the money of a dispute leaves: when it is lost."""
    found, at = dispute(given), _decided_at(given)
    return BalanceTransaction(
        reference=line.reference,
        kind="DISPUTE",
        amount=line.amount,
        fee=0,
        net=line.amount,
        currency=found.currency,
        source=found.reference,
        created_at=at,
        available_at=at,
    )


def _decided_at(given: Json) -> datetime:
    return moment(given.get("resolvedAt") or given.get("updatedAt") or given["updated_at"])


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _back(kind: str, given: Json, source: str) -> BalanceTransaction:
    """Return the line by which money that had left is ours again. Paystack lists it nowhere."""
    back = _line(kind, given, given["amount"], source)
    at = moment(given.get("updatedAt") or given["createdAt"])
    return replace(back, reference=f"{kind.lower()}-back-{given['id']}", created_at=at)


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
