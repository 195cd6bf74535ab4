"""The money of refunds in the ledger: from the vendors, and back to where it came from.

Each vendor bears its own part at once, and gets the platform's share of a discount taken back. The
ledger names no account twice for one refund, so a repeated posting changes nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.payments.payments import Payment
from models.payments.refunds import Refund, RefundPart
from models.pricing.amounts import part
from models.pricing.deductions import Deductions
from models.pricing.discounts import FundedBy
from services.ledger.posting import post_entries
from services.ledger.wallets import find_spent, refund_to_wallet
from services.orders.deductions import return_deductions
from services.orders.refunds.amounts import Granted
from services.payouts.releasing import find_account_of_part, read_pending


async def post_grant(
    session: AsyncSession,
    order: Order,
    refund: Refund,
    granted: Granted,
    suborders: Sequence[SubOrder],
) -> None:
    """Post what each vendor gives back to the buyer and the platform, and gets back from it.

    The platform gives back the deductions of the units, by the rule by which units have a price. It
    bears its own goodwill, and gets it back with the units that it was for. A part that was
    released is paid from what can be paid out, which may fall below zero. So is what a part does
    not have: the commission stays with goodwill, which can be more than the rest.
    """
    due, promotions, losses = (
        Account(kind, order.currency)
        for kind in (AccountKind.REFUND_DUE, AccountKind.PROMOTIONS, AccountKind.LOSSES)
    )
    to_buyer: Counter[UUID] = Counter()
    to_platform: Counter[UUID] = Counter()
    deductions: defaultdict[UUID, Deductions] = defaultdict(Deductions)
    for line in granted.lines:
        ordered = await session.get_one(OrderLine, line.line_id)
        units = line.units
        discount, quantity = ordered.platform_discount, ordered.quantity
        to_buyer[line.suborder_id] += line.amount
        to_platform[line.suborder_id] += part(discount, quantity, units.lower, units.upper)
        deductions[line.suborder_id] += ordered.deductions_of(units.lower, units.upper)
    legs = []
    for extra in granted.extras:
        if extra.borne_by is FundedBy.VENDOR:
            to_buyer[extra.suborder_id] += extra.amount
        else:
            legs.append(Leg(losses, due, extra.amount, extra.suborder_id))
    for suborder in suborders:
        earned = await find_account_of_part(session, order.currency, suborder)
        back = list(return_deductions(earned, deductions[suborder.id], suborder.id))
        repaid = Counter(granted.repaid)
        paid = [
            Leg(earned, target, amounts[suborder.id], suborder.id)
            for target, amounts in ((due, to_buyer), (promotions, to_platform), (losses, repaid))
            if amounts[suborder.id]
        ]
        if suborder.id in granted.lowered and earned.kind is AccountKind.V_PENDING:
            has = await read_pending(session, order, suborder)
            paid = [*_limit(paid, has + sum(leg.amount for leg in back))]
        legs += [*paid, *back]
    if legs:
        await post_entries(session, Posting(PostingKind.GRANT, refund.id), legs)


def _limit(legs: Sequence[Leg], has: int) -> Iterator[Leg]:
    """Yield what a part pays of its own, and the rest as a debt of its vendor."""
    for leg in legs:
        own = min(leg.amount, max(0, has))
        has -= own
        if own:
            yield leg._replace(amount=own)
        if leg.amount > own:
            available = leg.debit._replace(kind=AccountKind.V_AVAILABLE)
            yield leg._replace(debit=available, amount=leg.amount - own)


async def pay_into_wallet(
    session: AsyncSession, order: Order, payment: Payment, way: RefundPart
) -> None:
    """Pay a part of a refund into the wallet of the buyer, where it came from.

    The balance gets back its own first, and then promotional money, so that any refunds together
    give back as much of each as was paid.
    """
    spent = await find_spent(session, order.id)
    before = payment.refunded - way.amount
    promo = max(0, payment.refunded - spent.balance) - max(0, before - spent.balance)
    await refund_to_wallet(
        session,
        user_id=order.user_id,
        currency=order.currency,
        refund_part_id=way.id,
        subject_id=order.id,
        amount=way.amount,
        promo=min(promo, spent.promo),
    )
    way.settle()
