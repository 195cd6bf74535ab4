"""Seeds packs that are sold, and a pack that the café has bought and used."""

from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from demo.dataset import Dataset
from demo.identity.accounts import OWNER
from demo.promos import FIVE_COFFEES, MINOR
from demo.purchases.purchases import DemoPurchase, add_purchase
from demo.rng import SeededRandom
from demo.vendors.cafe import CAFE
from models.packs.grants import PackGrant
from models.packs.packs import Pack, PackPrice, QuotaUnit
from models.purchases import PurchaseKind
from services.packs.quota import use_quota

PERIOD_DAYS, USED = 30, 3
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
    purchase = add_purchase(
        rng,
        dataset,
        DemoPurchase(
            bought=bought,
            user_id=dataset.user_of(OWNER).id,
            owner_id=cafe.id,
            kind=PurchaseKind.PACK,
            currency=price.currency,
            net=price.net,
            tax=price.tax,
            ref_id=pack.id,
            reference="UTR DEMO PACK",
        ),
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
    dataset.pack_grants.append(grant)


async def use_pack(session: AsyncSession, dataset: Dataset) -> None:
    """Use units of the café's pack for the offers that it has published last."""
    (grant,) = dataset.pack_grants
    offers = [one.row for one in dataset.offers if one.row.vendor_id == grant.vendor_id]
    published = [one for one in offers if one.published_at is not None]
    published.sort(key=lambda one: (one.published_at, one.id))
    for offer in published[-USED:]:
        await use_quota(session, grant.vendor_id, grant.unit, offer.id)
