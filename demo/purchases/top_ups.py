"""Top-ups of the demo customer's wallet: one that was paid, and one that waits for its transfer."""

from datetime import timedelta

from demo.dataset import Dataset
from demo.identity.accounts import CUSTOMER
from demo.promos import FIVE_COFFEES, MINOR
from demo.purchases.purchases import DemoPurchase, add_purchase
from demo.rng import SeededRandom
from models.purchases import PurchaseKind

CURRENCY = "INR"


def seed_top_ups(rng: SeededRandom, dataset: Dataset) -> None:
    customer = dataset.user_of(CUSTOMER).id
    for hours, reference in ((72, "UTR DEMO TOP UP"), (2, None)):
        top_up = DemoPurchase(
            bought=dataset.now - timedelta(hours=hours),
            user_id=customer,
            owner_id=customer,
            kind=PurchaseKind.TOP_UP,
            currency=CURRENCY,
            net=FIVE_COFFEES[CURRENCY] * MINOR,
            reference=reference,
        )
        add_purchase(rng, dataset, top_up)
