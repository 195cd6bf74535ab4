"""Balances of vendors, by currency: what they get later, what can be paid out, and what is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import String, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.errors import NotFound
from models.ledger.accounts import Account, AccountKind
from models.payouts.terms import PayoutTerms
from models.vendors import Vendor
from services.ledger.balances import SUM, TAIL, VALID, read_balance
from services.payouts.access import ensure_may_see
from services.viewer import Viewer

KINDS = (
    AccountKind.V_PENDING,
    AccountKind.V_AVAILABLE,
    AccountKind.V_RESERVE,
    AccountKind.IN_TRANSIT,
)
OF_VENDOR = Statement(
    text(
        f"""
        SELECT kind, currency, CAST({SUM} AS bigint) AS balance
        FROM ledger_account AS account {TAIL.format(valid=VALID, until="")}
        WHERE owner_id = :owner_id AND kind = ANY(:kinds) ORDER BY currency
        """  # noqa: S608 - constants of this module
    ).bindparams(bindparam("owner_id", type_=Uuid()), bindparam("kinds", type_=ARRAY(String())))
)
LOCK = Statement(
    text(
        """
        SELECT id FROM ledger_account
        WHERE kind = 'V_AVAILABLE' AND owner_id = :owner_id AND currency = :currency
        FOR NO KEY UPDATE
        """
    ).bindparams(bindparam("owner_id", type_=Uuid()), bindparam("currency", type_=String()))
)


@dataclass(frozen=True)
class CurrencyBalance:
    """Amounts of a vendor in minor units. `available` is below zero if the vendor owes money."""

    vendor_id: UUID
    currency: str
    pending: int = 0
    available: int = 0
    reserve: int = 0
    in_transit: int = 0


@dataclass(frozen=True)
class VendorBalance:
    """The balances of a vendor, and what differs from the usual terms of payouts, if anything.

    `own` is in its currency.
    """

    vendor: Vendor
    terms: PayoutTerms | None
    own: CurrencyBalance
    by_currency: Sequence[CurrencyBalance]


async def read_vendor_balance(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID
) -> VendorBalance:
    """Return the balances of a vendor for those who may see them. Raises `NotFound`."""
    await ensure_may_see(session, viewer, vendor_id)
    found = await find_vendor_balance(session, vendor_id)
    if found is None:
        raise NotFound
    return found


async def find_vendor_balance(session: AsyncSession, vendor_id: UUID) -> VendorBalance | None:
    """Return the balances of a vendor. The caller has authorized the viewer."""
    vendor = await session.get(Vendor, vendor_id)
    if vendor is None:
        return None
    own, found = await find_balances(session, vendor)
    return VendorBalance(vendor, await session.get(PayoutTerms, vendor_id), own, found)


async def find_balances(
    unit: UnitOfWork, vendor: Vendor
) -> tuple[CurrencyBalance, Sequence[CurrencyBalance]]:
    """Return the balance of a vendor in its currency, and those in all, in one statement."""
    rows = await OF_VENDOR.fetch(await connection_of(unit), owner_id=vendor.id, kinds=KINDS)
    found: dict[str, dict[AccountKind, int]] = {vendor.currency: {}}
    for row in rows:
        found.setdefault(row["currency"], {})[AccountKind(row["kind"])] = row["balance"]
    balances = {
        currency: CurrencyBalance(vendor.id, currency, *(amounts.get(kind, 0) for kind in KINDS))
        for currency, amounts in found.items()
    }
    return balances[vendor.currency], list(balances.values())


async def lock_available(unit: UnitOfWork, vendor_id: UUID, currency: str) -> int:
    """Lock the account of what can be paid out to a vendor, and return its balance.

    Others can still post to it: the lock keeps a second payout away, not sales and refunds.
    """
    await LOCK.fetch(await connection_of(unit), owner_id=vendor_id, currency=currency)
    return await read_available(unit, vendor_id, currency)


async def read_available(unit: UnitOfWork, vendor_id: UUID, currency: str) -> int:
    return await read_balance(unit, Account(AccountKind.V_AVAILABLE, currency, vendor_id))
