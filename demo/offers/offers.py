"""Seeds offers of every discount kind and in every state."""

from core.text.search_text import searchable
from demo.dataset import Dataset, DemoOffer, DemoVendor
from demo.offers.schedules import OfferPhase, OfferSchedule, random_schedule
from demo.offers.texts import OfferTexts, random_texts
from demo.rng import SeededRandom
from demo.vendors.business_types import BusinessType
from models.offers.drafts import DiscountDraft, OfferDraft
from models.offers.offers import Offer, OfferState
from models.vendors import VendorStatus

# Values that occur more than once are more likely.
PERCENTS = (10, 10, 15, 20, 20, 25, 30, 40, 50)
BUY_GETS = ((1, 1), (2, 1), (2, 1), (3, 1), (4, 1), (3, 2))
PER_USER_LIMITS = (1, 1, 1, 1, 1, 1, 2, 2, 3, 5)
CAPACITIES = (None, None, None, 5, 15, 30, 50, 80, 100, 200, 500)
ROUND_AMOUNTS = (
    *(1, 2, 5, 10, 20, 25, 50, 100, 150, 200, 250, 500),
    *(1000, 2000, 5000, 10_000, 20_000),
)
MAX_NEARBY_PIN_CODES = 3
MAX_POPULARITY = 20.0


def add_random_offers(rng: SeededRandom, dataset: Dataset, vendor: DemoVendor) -> None:
    """Add 7 to 14 offers, or 2 drafts if the vendor was never approved."""
    was_approved = vendor.row.status in {VendorStatus.APPROVED, VendorStatus.SUSPENDED}
    titles: set[str] = set()
    for _ in range(rng.randint(7, 14) if was_approved else 2):
        phase = OfferPhase.random(rng) if was_approved else OfferPhase.DRAFTED
        discount, texts = _random_discount_and_texts(rng, vendor, titles)
        schedule = random_schedule(rng, phase, dataset.now, vendor.city.zone)
        capacity, limit = rng.choice(CAPACITIES), rng.choice(PER_USER_LIMITS)
        row = make_offer(rng, vendor, phase.state, schedule, discount, texts, capacity, limit)
        popularity = min(rng.paretovariate(1.2), MAX_POPULARITY)
        dataset.offers.append(DemoOffer(row, vendor, schedule, popularity))


def make_offer(
    rng: SeededRandom,
    vendor: DemoVendor,
    state: OfferState,
    schedule: OfferSchedule,
    discount: DiscountDraft,
    texts: OfferTexts,
    capacity: int | None,
    per_user_limit: int,
) -> Offer:
    """Return an offer that `OfferDraft` has validated."""
    title, description, terms = texts
    draft = OfferDraft(
        title=title,
        description=description,
        terms=terms,
        discount=discount,
        capacity=capacity,
        per_user_limit=per_user_limit,
        starts_at=schedule.starts_at,
        ends_at=schedule.ends_at,
        pin_codes=vendor.city.pin_codes_near(vendor.area, rng.randint(0, MAX_NEARBY_PIN_CODES)),
        latitude=vendor.row.latitude,
        longitude=vendor.row.longitude,
    )
    return Offer(
        id=rng.uuid7_at(schedule.created_at),
        created_at=schedule.created_at,
        vendor_id=vendor.row.id,
        category_id=vendor.row.category_id,
        state=state,
        locale=vendor.row.locale,
        currency=vendor.row.currency,
        country=vendor.row.country,
        published_at=schedule.published_at,
        search_text=searchable(*draft.title.values(), vendor.row.name, vendor.row.city),
        **draft.columns(),
    )


def _random_discount_and_texts(
    rng: SeededRandom, vendor: DemoVendor, titles: set[str]
) -> tuple[DiscountDraft, OfferTexts]:
    """Draw until the title is not in `titles`."""
    while True:
        product = rng.choice(vendor.business_type.products)
        discount = _random_discount(rng, vendor)
        texts = random_texts(rng, vendor, product, discount)
        title = texts[0][vendor.locales[0]]
        if title not in titles:
            titles.add(title)
            return discount, texts


def _random_discount(rng: SeededRandom, vendor: DemoVendor) -> DiscountDraft:
    match rng.choice(vendor.business_type.discounts):
        case "percent":
            return DiscountDraft(percent=rng.choice(PERCENTS))
        case "amount":
            return DiscountDraft(amount_minor=_random_amount(rng, vendor.business_type) * 100)
        case "buy_get":
            buy, get = rng.choice(BUY_GETS)
            return DiscountDraft(buy=buy, get=get)
    gift = rng.choice(vendor.business_type.gifts)
    return DiscountDraft(free_item={locale: gift[locale] for locale in vendor.locales})


def _random_amount(rng: SeededRandom, business_type: BusinessType) -> int:
    """Return a round 8 to 20 % of the typical bill, in whole units."""
    target = business_type.typical_bill * rng.uniform(0.08, 0.2)
    return min(ROUND_AMOUNTS, key=lambda amount: abs(amount - target))
