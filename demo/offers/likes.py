"""Seeds likes of offers."""

from datetime import timedelta

from demo.dataset import Dataset, DemoOffer
from demo.rng import SeededRandom
from models.identity.accounts import User
from models.offers.offers import OfferLike, OfferState
from models.vendors import VendorStatus

MAX_LIKES = 16  # per customer


def seed_likes(rng: SeededRandom, dataset: Dataset) -> None:
    visible: dict[str, list[DemoOffer]] = {}
    for offer in dataset.offers:
        published = offer.row.state is OfferState.PUBLISHED
        if published and offer.vendor.row.status is VendorStatus.APPROVED:
            visible.setdefault(offer.vendor.city.name, []).append(offer)
    for city, customers in dataset.customers.items():
        for customer in customers:
            liked = rng.sample(visible[city], rng.randint(0, MAX_LIKES))
            dataset.likes.extend(_like(rng, dataset, customer, offer) for offer in liked)


def _like(rng: SeededRandom, dataset: Dataset, user: User, offer: DemoOffer) -> OfferLike:
    published_at = offer.schedule.published_at or dataset.now
    return OfferLike(
        user_id=user.id,
        offer_id=offer.row.id,
        created_at=rng.between(max(published_at, dataset.now - timedelta(days=30)), dataset.now),
    )
