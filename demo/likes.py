"""Who likes what."""

from datetime import timedelta

from demo.chance import Chance
from demo.rows import Deal, Town
from models.identity.accounts import User
from models.offers.offers import OfferLike, OfferState
from models.vendors import VendorStatus

MOST = 16


def draw_likes(chance: Chance, town: Town) -> None:
    visible: dict[str, list[Deal]] = {}
    for deal in town.deals:
        published = deal.offer.state is OfferState.PUBLISHED
        if published and deal.shop.vendor.status is VendorStatus.APPROVED:
            visible.setdefault(deal.shop.city.name, []).append(deal)
    for city, people in town.customers.items():
        for person in people:
            liked = chance.sample(visible[city], chance.randint(0, MOST))
            town.likes.extend(_like(chance, town, person, deal) for deal in liked)


def _like(chance: Chance, town: Town, person: User, deal: Deal) -> OfferLike:
    since = max(deal.window.published_at or town.now, town.now - timedelta(days=30))
    return OfferLike(
        user_id=person.id,
        offer_id=deal.offer.id,
        created_at=chance.between(since, town.now),
    )
