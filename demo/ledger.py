"""Seeds wallets, by adjustments of two admins. One waits, and a payment of a tax does."""

from datetime import timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from demo.dataset import Dataset
from demo.identity.accounts import ADMIN, CUSTOMER, SECOND_ADMIN
from demo.identity.users import add_account
from demo.promos import FIVE_COFFEES, MINOR
from demo.rng import SeededRandom
from demo.vendors.cafe import CAFE
from models.ledger.accounts import AccountKind
from models.ledger.adjustments import AdjustmentState, LedgerAdjustment
from models.ledger.entries import Leg
from services.ledger.posting import post_entries

SHARE = 0.1  # of the customers, who have a welcome bonus
AT_THE_COUNTER = (AccountKind.BANK, AccountKind.WALLET)
BONUS = (AccountKind.PROMOTIONS, AccountKind.WALLET_PROMO)
GOODWILL = (AccountKind.LOSSES, AccountKind.WALLET)


def seed_wallets(rng: SeededRandom, dataset: Dataset) -> None:
    """Add adjustments. Their postings follow when the rows are stored."""
    add_account(rng, dataset, SECOND_ADMIN)
    customer = dataset.user_of(CUSTOMER).id
    cafe = next(one.row for one in dataset.vendors if one.row.name == CAFE["name"])
    _add(rng, dataset, customer, "INR", AT_THE_COUNTER, "Paid in at the counter", size=5)
    _add(rng, dataset, customer, "INR", BONUS, "Welcome bonus")
    _add(rng, dataset, cafe.id, cafe.currency, AT_THE_COUNTER, "Paid in for campaigns", size=10)
    _add(rng, dataset, customer, "INR", GOODWILL, "A parcel came late", approved=False)
    _add_tax(rng, dataset)
    currencies = {one.city.name: one.row.currency for one in dataset.vendors}
    for city, customers in dataset.customers.items():
        for user in customers:
            if user.id != customer and rng.chance(SHARE) and city in currencies:
                _add(rng, dataset, user.id, currencies[city], BONUS, "Welcome bonus")


def _add_tax(rng: SeededRandom, dataset: Dataset) -> None:
    """Add a payment of a tax, a part of what is due, that another admin can approve."""
    proposed = dataset.now - timedelta(days=1)
    row = LedgerAdjustment(
        id=rng.uuid7_at(proposed),
        created_at=proposed,
        debit=AccountKind.TDS_DUE,
        credit=AccountKind.BANK,
        currency="INR",
        amount=MINOR,
        reason="Income tax department, last month",
        reference="BSR 0510308 00026",
        proposed_by=dataset.user_of(ADMIN).id,
    )
    dataset.adjustments.append(row)


async def post_adjustments(session: AsyncSession, dataset: Dataset) -> None:
    """Post what was approved, as the approval does."""
    for one in dataset.adjustments:
        if one.state is AdjustmentState.APPROVED:
            leg = Leg(one.account(one.debit), one.account(one.credit), one.amount)
            await post_entries(session, one.posting, [leg])


def _add(
    rng: SeededRandom,
    dataset: Dataset,
    owner_id: UUID,
    currency: str,
    accounts: tuple[AccountKind, AccountKind],
    reason: str,
    *,
    size: int = 1,
    approved: bool = True,
) -> None:
    proposed = dataset.now - timedelta(days=rng.uniform(1, 20))
    debit, credit = accounts
    row = LedgerAdjustment(
        id=rng.uuid7_at(proposed),
        created_at=proposed,
        debit=debit,
        credit=credit,
        owner_id=owner_id,
        currency=currency,
        amount=FIVE_COFFEES[currency] * MINOR * size,
        reason=reason,
        proposed_by=dataset.user_of(ADMIN).id,
    )
    if approved:
        row.state, row.decided_by = AdjustmentState.APPROVED, dataset.user_of(SECOND_ADMIN).id
        row.decided_at = proposed + timedelta(hours=1)
    dataset.adjustments.append(row)
