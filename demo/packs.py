"""Seeds packs that are sold, and a pack that the café has bought and used."""

from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from demo.accounts import OWNER
from demo.cafe import CAFE
from demo.dataset import Dataset
from demo.promos import FIVE_COFFEES, MINOR
from demo.rng import SeededRandom
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.packs.grants import PackGrant
from models.packs.packs import Pack, PackPrice, QuotaUnit
from models.payments.payments import Payment, PaymentProvider, PaymentStatus
from models.purchases import Purchase, PurchaseKind, PurchaseState
from services.ledger.posting import post_entries

PERIOD_DAYS = 30
# The title in English and Hindi, the units, and the price in times of five coffees.
SOLD = (
    (QuotaUnit.OFFER, "Ten offers", "दस ऑफ़र", 10, 1),
    (QuotaUnit.OFFER, "Fifty offers", "पचास ऑफ़र", 50, 4),
    (QuotaUnit.MESSAGE, "Thousand messages", "एक हज़ार संदेश", 1_000, 2),
)
TAX_BPS = {"INR": 1_800}


def seed_packs(rng: SeededRandom, dataset: Dataset) -> None:
    """Add packs in all currencies. The café has bought the first, by a transfer."""
    since = dataset.now - timedelta(days=60)
    for unit, english, hindi, quota, times in SOLD:
        pack = Pack(
            id=rng.uuid7_at(since),
            created_at=since,
            title={"en": english, "hi": hindi},
            unit=unit,
            quota=quota,
            period_days=PERIOD_DAYS,
        )
        dataset.packs.append(pack)
        for currency, amount in FIVE_COFFEES.items():
            price = PackPrice(
                id=rng.uuid7_at(since),
                created_at=since,
                pack_id=pack.id,
                currency=currency,
                net=amount * MINOR * times,
                tax_bps=TAX_BPS.get(currency, 0),
            )
            dataset.pack_prices.append(price)
    _buy(rng, dataset)


def _buy(rng: SeededRandom, dataset: Dataset) -> None:
    cafe = next(one.row for one in dataset.vendors if one.row.name == CAFE["name"])
    pack, price = dataset.packs[0], dataset.pack_prices[0]
    bought = dataset.now - timedelta(days=6)
    purchase = Purchase(
        id=rng.uuid7_at(bought),
        created_at=bought,
        user_id=dataset.user_of(OWNER).id,
        owner_id=cafe.id,
        kind=PurchaseKind.PACK,
        ref_id=pack.id,
        state=PurchaseState.PAID,
        currency=price.currency,
        net=price.net,
        tax=price.tax,
        total=price.total,
        hold_until=bought + timedelta(days=3),
        paid_at=bought,
    )
    payment = Payment(
        id=rng.uuid7_at(bought),
        created_at=bought,
        purchase_id=purchase.id,
        provider=PaymentProvider.MANUAL,
        status=PaymentStatus.SUCCEEDED,
        amount=price.total,
        captured=price.total,
        currency=price.currency,
        reference="UTR DEMO PACK",
        ended_at=bought,
    )
    grant = PackGrant(
        id=rng.uuid7_at(bought),
        created_at=bought,
        vendor_id=cafe.id,
        purchase_id=purchase.id,
        pack_id=pack.id,
        unit=pack.unit,
        granted=pack.quota,
        currency=price.currency,
        net=price.net,
        starts_at=bought,
        ends_at=bought + timedelta(days=PERIOD_DAYS),
    )
    dataset.purchases.append(purchase)
    dataset.purchase_payments.append(payment)
    dataset.pack_grants.append(grant)


async def post_purchases(session: AsyncSession, dataset: Dataset) -> None:
    """Post the money of the pack, as its payment does."""
    for payment, purchase in zip(dataset.purchase_payments, dataset.purchases, strict=True):
        bank, unclaimed, deferred, tax = (
            Account(kind, purchase.currency)
            for kind in (
                AccountKind.BANK,
                AccountKind.UNCLAIMED,
                AccountKind.PACK_DEFERRED,
                AccountKind.GST_OUT,
            )
        )
        received = [Leg(bank, unclaimed, payment.captured)]
        await post_entries(session, Posting(PostingKind.PAY, payment.id), received)
        legs = [Leg(unclaimed, deferred, purchase.net)]
        if purchase.tax:
            legs.append(Leg(unclaimed, tax, purchase.tax))
        await post_entries(session, Posting(PostingKind.PURCHASE, purchase.id), legs)
