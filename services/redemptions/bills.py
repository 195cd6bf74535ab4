"""Bills that vouchers share: locked before vouchers, and changed by guarded updates."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
from sqlalchemy import BigInteger, Boolean, bindparam
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import case, col, delete, not_, or_, select, update

from core import money
from core.clock import now
from core.database import for_change
from core.ids import new_id
from core.statements.inserts import insert_row
from core.statements.selected import columns_of
from core.statements.statement import Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.errors import InvalidInput
from models.offers.rules import OfferRules, StackingKind
from models.redemptions import Redemption
from models.redemptions.bills import Bill, BillUse
from models.redemptions.requests import PresentedBill
from models.vendors import Vendor

GROUP = "group:"  # before the name of a stacking group
_THIS_BILL = col(Bill.id) == bindparam("bill_id")
_DISCOUNT = bindparam("discount", type_=BigInteger())
_ALONE = bindparam("wants_alone", type_=Boolean())
_NEW = insert(Bill)
# An amount that is corrected before a voucher is used on the bill replaces the former one.
LOCK = Statement(
    _NEW.on_conflict_do_update(
        index_elements=[col(Bill.vendor_id), col(Bill.reference)],
        set_={
            "amount_minor": case(
                (col(Bill.uses) == 0, _NEW.excluded.amount_minor), else_=col(Bill.amount_minor)
            )
        },
    ).returning(*columns_of(Bill)),
    Bill,
)
GROUPS = Statement(
    select(col(BillUse.stack_group)).where(col(BillUse.bill_id) == bindparam("bill_id"))
)
# The guard reads only its own row: a voucher that refuses others needs an empty bill, and the sum
# of what vouchers take never passes the amount.
USE = Statement(
    update(Bill)
    .where(
        _THIS_BILL,
        not_(col(Bill.alone)),
        or_(not_(_ALONE), col(Bill.uses) == 0),
        col(Bill.discount_minor) + _DISCOUNT <= col(Bill.amount_minor),
    )
    .values(
        uses=col(Bill.uses) + 1,
        discount_minor=col(Bill.discount_minor) + _DISCOUNT,
        alone=_ALONE,
    )
    .returning(col(Bill.id))
)
LEAVE = Statement(
    delete(BillUse)
    .where(any_of(col(BillUse.redemption_id)))
    .returning(col(BillUse.bill_id), col(BillUse.amount_minor))
)
GIVE_BACK = Statement(
    update(Bill)
    .where(_THIS_BILL)
    .values(
        uses=col(Bill.uses) - 1, discount_minor=col(Bill.discount_minor) - _DISCOUNT, alone=False
    )
)
OF_REDEMPTION = Statement(
    for_change(
        select(col(Bill.id)).where(
            col(Bill.id).in_(
                select(Redemption.bill_id).where(col(Redemption.id) == bindparam("redemption_id"))
            )
        )
    )
)


async def lock_bill(
    connection: asyncpg.Connection, vendor: Vendor, presented: PresentedBill
) -> Bill:
    """Return a bill of a vendor, locked: the stored one, or a new one.

    Raises `InvalidInput` for another currency, and for another amount once a voucher is on it.
    """
    if presented.amount.currency != vendor.currency:
        raise wrong_currency(vendor, "bill", "amount", "currency")
    (bill,) = await LOCK.fetch(
        connection,
        id=new_id(),
        created_at=now(),
        vendor_id=vendor.id,
        reference=presented.reference,
        amount_minor=presented.amount.amount_minor,
        currency=vendor.currency,
        discount_minor=0,
        uses=0,
        alone=False,
    )
    if bill.amount_minor != presented.amount.amount_minor:
        raise InvalidInput(
            "A voucher was used on this bill for {amount}. Send that amount, or another reference.",
            amount=money.in_major_units(bill.amount_minor, bill.currency),
            field=["bill", "amount"],
        )
    return bill


def wrong_currency(vendor: Vendor, *path: str) -> InvalidInput:
    return InvalidInput(
        "The vendor's currency is {currency}. Use it for this amount.",
        currency=vendor.currency,
        field=[*path],
    )


async def find_groups(connection: asyncpg.Connection, bill: Bill) -> tuple[str | None, ...]:
    """Return the stacking group of each voucher on a bill, with None for those of no group."""
    if not bill.uses:
        return ()
    stored = [row["stack_group"] for row in await GROUPS.fetch(connection, bill_id=bill.id)]
    return tuple(one.removeprefix(GROUP) if one.startswith(GROUP) else None for one in stored)


async def take_discount(
    connection: asyncpg.Connection, bill: Bill, rules: OfferRules, discount: int
) -> bool:
    """Count a voucher on a bill. Returns False if another one or the amount refuses it."""
    alone = rules.stacking is not None and rules.stacking.kind is StackingKind.ALONE
    taken = await USE.fetch(connection, bill_id=bill.id, discount=discount, wants_alone=alone)
    return bool(taken)


async def note_bill_use(
    connection: asyncpg.Connection, redemption: Redemption, rules: OfferRules
) -> None:
    """Note the voucher of an attempt on the bill that it was counted on, if it was."""
    voucher_id = redemption.voucher_id
    if redemption.bill_id is None or voucher_id is None or redemption.amount_minor is None:
        return
    stacking = rules.stacking
    group = f"{GROUP}{stacking.group}" if stacking and stacking.group else str(redemption.id)
    use = BillUse(
        bill_id=redemption.bill_id,
        stack_group=group,
        voucher_id=voucher_id,
        redemption_id=redemption.id,
        amount_minor=redemption.amount_minor,
    )
    await insert_row(connection, use)


async def lock_bill_of(unit: UnitOfWork, redemption_id: UUID) -> None:
    """Lock the bill of an attempt, if it has one, before its voucher."""
    await OF_REDEMPTION.fetch(await connection_of(unit), redemption_id=redemption_id)


async def leave_bills(connection: asyncpg.Connection, redemption_ids: Sequence[UUID]) -> None:
    """Take the vouchers of attempts off their bills, once. The bills are locked."""
    if not redemption_ids:
        return
    uses = await LEAVE.fetch(connection, keys=redemption_ids)
    given = [{"bill_id": one["bill_id"], "discount": one["amount_minor"]} for one in uses]
    await GIVE_BACK.execute_many(connection, given)
