"""The owner's café, and the vouchers of the customer."""

from datetime import timedelta

from demo import words_owner as words
from demo.chance import Chance
from demo.offers import make_offer
from demo.people import CUSTOMER, OWNER, draw_account, draw_person
from demo.places import CITIES
from demo.rows import Deal, Shop, Town
from demo.trades import TRADES
from demo.vendors import hire, open_shop
from demo.vouchers import Claims, Fate, claimable
from demo.windows import Plan, midnight, window_of
from models.offers.drafts import Discount
from models.vendors import MemberRole

POPULARITY = 18.0
DAYS = {
    Plan.RUNNING: (-24, 180),
    Plan.UPCOMING: (9, 40),
    Plan.DRAFTED: (14, 60),
    Plan.PAUSED: (-30, 45),
    Plan.OVER: (-33, -12),
}
MIXED = [*[Fate.KEEP] * 3, *[Fate.REDEEM] * 3, Fate.CANCEL]
A_WHILE = timedelta(days=3)


def draw_cafe(chance: Chance, town: Town) -> None:
    """The owner's, with a manager and somebody at the till, and offers in every state."""
    city, owner = CITIES[0], draw_account(chance, town, OWNER)
    area, trade = city.areas[0], next(t for t in TRADES["IN"] if t.path == "food/cafes/")
    locales = ("en", "hi")
    shop = open_shop(chance, town, city, area, trade, locales, words.NAME, words.ABOUT, owner)
    for role in (MemberRole.MANAGER, MemberRole.SCANNER):
        hire(chance, town, shop, draw_person(chance, town, city.country), role)
    plans = [
        *((Plan.RUNNING, offer) for offer in words.LIVE),
        (Plan.UPCOMING, words.UPCOMING),
        (Plan.DRAFTED, words.DRAFTED),
        (Plan.PAUSED, words.PAUSED),
        (Plan.OVER, words.OVER),
    ]
    town.deals += [_make_deal(chance, town, shop, plan, *offer) for plan, offer in plans]


def draw_customer(chance: Chance, town: Town) -> None:
    """Vouchers in every state, at the owner's café and elsewhere in the city."""
    customer, city = draw_account(chance, town, CUSTOMER), CITIES[0].name
    claims = Claims(chance, town)
    cafe = [deal for deal in town.deals if deal.shop.vendor.name == words.NAME]
    claims.draw(customer, [*cafe[: len(MIXED)], cafe[0]], [*MIXED, Fate.REDEEM])
    left = [deal for deal in claimable(town)[city] if deal.offer.remaining != 0]
    elsewhere = [deal for deal in left if deal not in cafe]
    over = [deal for deal in elsewhere if deal.window.ends_at <= town.now]
    running = [deal for deal in elsewhere if deal.window.ends_at > town.now + A_WHILE]
    claims.draw(customer, chance.sample(running, len(MIXED)), MIXED)
    claims.draw(customer, chance.sample(over, 2), [Fate.KEEP, Fate.REDEEM])
    town.customers[city].append(customer)


def _make_deal(
    chance: Chance,
    town: Town,
    shop: Shop,
    plan: Plan,
    title: dict[str, str],
    discount: Discount,
) -> Deal:
    first, last = DAYS[plan]
    starts_at, ends_at = (midnight(town.now, shop.city.zone, day) for day in (first, last))
    window = window_of(chance, plan, town.now, starts_at, ends_at)
    chosen = title["en"] == words.TRY_ME
    capacity, limit = (5000, 5) if chosen else (chance.choice([200, 300, 500]), 2)
    texts = (title, words.DESCRIPTION, words.TERMS)
    offer = make_offer(chance, shop, plan.state, window, discount, texts, capacity, limit)
    return Deal(offer, shop, window, POPULARITY)
