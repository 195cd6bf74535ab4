"""Saved searches of the customer of the demo, and the offers that match them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from core.words import words_of
from demo.dataset import Dataset
from demo.identity.accounts import CUSTOMER
from demo.rng import SeededRandom
from models.offers.offers import Offer, OfferState
from models.searches import SavedSearch, SavedSearchHit, SearchNotices
from services.offers.understanding import as_written
from services.searches.anchors import category_key

SAVED_BEFORE = timedelta(days=21)
CATEGORY, LEAST_PERCENT = "food/", 20
WORD = "coffee"  # of the offer in the Publish tab


def seed_searches(rng: SeededRandom, dataset: Dataset) -> None:
    """Save a search for a word, and one for high discounts in a category, with its matches."""
    saved_at = dataset.now - SAVED_BEFORE
    (word,) = words_of(WORD)
    coffee = SavedSearch(
        **_base(rng, dataset),
        name="Coffee",
        search=WORD,
        query=as_written(word),
        anchors=word.sought,
        seen_upto=dataset.now,
    )
    category = dataset.categories[CATEGORY]
    food = SavedSearch(
        **_base(rng, dataset),
        name="A fifth off food",
        category_id=category.id,
        discount_at_least=LEAST_PERCENT,
        anchors=[category_key(category.id)],
        notices=SearchNotices.DAILY,
        seen_upto=saved_at,
    )
    dataset.searches += [coffee, food]
    # How many match depends on the time of day, which later draws must not.
    drawn = SeededRandom(rng.getrandbits(64))
    dataset.hits += [
        SavedSearchHit(
            id=drawn.uuid7_at(dataset.now),
            created_at=dataset.now,
            search_id=food.id,
            offer_id=offer.id,
        )
        for offer in _matching(dataset)
    ]


def _base(rng: SeededRandom, dataset: Dataset) -> dict[str, Any]:
    saved_at = dataset.now - SAVED_BEFORE
    user_id = dataset.user_of(CUSTOMER).id
    return {"id": rng.uuid7_at(saved_at), "created_at": saved_at, "user_id": user_id}


def _matching(dataset: Dataset) -> Iterator[Offer]:
    """Yield the live offers that were published since, as the job finds them."""
    below = {one.id for path, one in dataset.categories.items() if path.startswith(CATEGORY)}
    for offer in (one.row for one in dataset.offers):
        is_new = (offer.published_at or offer.created_at) > dataset.now - SAVED_BEFORE
        is_live = offer.state is OfferState.PUBLISHED and offer.ends_at > dataset.now
        enough = offer.percent is not None and offer.percent >= LEAST_PERCENT
        if offer.category_id in below and is_new and is_live and enough:
            yield offer
