"""Offers of every kind and in every state."""

from core.text import searchable
from demo.chance import Chance
from demo.rows import Deal, Shop, Town
from demo.texts import Texts, draw_texts
from demo.trades import Trade
from demo.windows import Plan, Window, draw_window
from models.offers.drafts import Discount, OfferDraft
from models.offers.offers import Offer, OfferState
from models.vendors import VendorStatus

PERCENTS = (10, 10, 15, 20, 20, 25, 30, 40, 50)
BUY_GETS = ((1, 1), (2, 1), (2, 1), (3, 1), (4, 1), (3, 2))
LIMITS = (1, 1, 1, 1, 1, 1, 2, 2, 3, 5)
CAPACITIES = (None, None, None, 5, 15, 30, 50, 80, 100, 200, 500)
STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 150, 200, 250, 500, 1000, 2000, 5000, 10_000, 20_000)
MOST_NEIGHBOURS = 3


def draw_offers(chance: Chance, town: Town, shop: Shop) -> None:
    """A dozen or so for a vendor, none titled like another of its own."""
    was_approved = shop.vendor.status in {VendorStatus.APPROVED, VendorStatus.SUSPENDED}
    titles: set[str] = set()
    for _ in range(chance.randint(7, 14) if was_approved else 2):
        plan = Plan.draw(chance) if was_approved else Plan.DRAFTED
        discount, texts = _draw_new(chance, shop, titles)
        window = draw_window(chance, plan, town.now, shop.city.zone)
        capacity, limit = chance.choice(CAPACITIES), chance.choice(LIMITS)
        offer = make_offer(chance, shop, plan.state, window, discount, texts, capacity, limit)
        town.deals.append(Deal(offer, shop, window, min(chance.paretovariate(1.2), 20.0)))


def make_offer(
    chance: Chance,
    shop: Shop,
    state: OfferState,
    window: Window,
    discount: Discount,
    texts: tuple[Texts, Texts, Texts],
    capacity: int | None,
    limit: int,
) -> Offer:
    """Held to the ranges that a vendor's own offer is held to."""
    vendor = shop.vendor
    title, description, terms = texts
    draft = OfferDraft(
        title=title,
        description=description,
        terms=terms,
        discount=discount,
        capacity=capacity,
        per_user_limit=limit,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        pin_codes=shop.city.pin_codes_near(shop.area, chance.randint(0, MOST_NEIGHBOURS)),
        latitude=vendor.latitude,
        longitude=vendor.longitude,
    )
    return Offer(
        id=chance.id_at(window.created_at),
        created_at=window.created_at,
        vendor_id=vendor.id,
        category_id=vendor.category_id,
        state=state,
        locale=vendor.locale,
        currency=vendor.currency,
        country=vendor.country,
        published_at=window.published_at,
        search_text=searchable(*draft.title.values(), vendor.name, vendor.city),
        **draft.columns(),
    )


def _draw_new(
    chance: Chance, shop: Shop, titles: set[str]
) -> tuple[Discount, tuple[Texts, Texts, Texts]]:
    while True:
        ware = chance.choice(shop.trade.wares)
        discount = _draw_discount(chance, shop)
        texts = draw_texts(chance, shop, ware, discount)
        title = texts[0][shop.locales[0]]
        if title not in titles:
            titles.add(title)
            return discount, texts


def _draw_discount(chance: Chance, shop: Shop) -> Discount:
    match chance.choice(shop.trade.kinds):
        case "P":
            return Discount(percent=chance.choice(PERCENTS))
        case "A":
            return Discount(amount_minor=_draw_amount(chance, shop.trade) * 100)
        case "B":
            buy, get = chance.choice(BUY_GETS)
            return Discount(buy=buy, get=get)
    gift = chance.choice(shop.trade.gifts)
    return Discount(free_item={locale: gift[locale] for locale in shop.locales})


def _draw_amount(chance: Chance, trade: Trade) -> int:
    """A round sum of about a tenth or a fifth of the usual bill."""
    wanted = trade.bill * chance.uniform(0.08, 0.2)
    return min(STEPS, key=lambda step: abs(step - wanted))
