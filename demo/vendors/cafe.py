"""Seeds the owner's café and the demo customer."""

from datetime import timedelta
from typing import Any

from demo.cities import HOME_CITY
from demo.dataset import Dataset, DemoOffer, DemoVendor
from demo.identity.accounts import CUSTOMER, OWNER
from demo.identity.users import add_account, add_random_user
from demo.offers.offers import make_offer
from demo.offers.schedules import OfferPhase, make_schedule, midnight
from demo.redemptions.vouchers import VoucherAction, VoucherGenerator, claimable_offers
from demo.rng import SeededRandom
from demo.toml_data import load
from demo.vendors.business_types import BUSINESS_TYPES
from demo.vendors.vendors import add_member, add_vendor
from models.members import INVITATION_DAYS, MemberInvitation
from models.offers.drafts import DiscountDraft
from models.offers.offers import Offer
from models.offers.rules import OfferRules
from models.offers.terms import OfferTerms
from models.vendors import MemberRole

CAFE = load("cafe")
POPULARITY = 18.0
FIRST_AND_LAST_DAY = {  # relative to today
    OfferPhase.RUNNING: (-24, 180),
    OfferPhase.UPCOMING: (9, 40),
    OfferPhase.DRAFTED: (14, 60),
    OfferPhase.PAUSED: (-30, 45),
    OfferPhase.OVER: (-33, -12),
}
# Addresses without an account. A mail with a link is sent when the invitation is sent again.
INVITED = {"ravi@haat.example": MemberRole.STAFF, "meera@haat.example": MemberRole.SCANNER}
SHOWCASE_CAPACITY, SHOWCASE_LIMIT = 5000, 5
ACTIONS = [
    *[VoucherAction.KEEP] * 3,
    *[VoucherAction.REDEEM] * 3,
    VoucherAction.CANCEL,
]
MIN_TIME_LEFT = timedelta(days=3)


def seed_cafe(rng: SeededRandom, dataset: Dataset) -> None:
    city, owner = HOME_CITY, add_account(rng, dataset, OWNER)
    area, locales = city.areas[0], ("en", "hi")
    business_type = next(t for t in BUSINESS_TYPES["IN"] if t.category == "food/cafes/")
    cafe = add_vendor(
        rng, dataset, city, area, business_type, locales, CAFE["name"], CAFE["about"], owner
    )
    for role in (MemberRole.MANAGER, MemberRole.SCANNER):
        add_member(rng, dataset, cafe, add_random_user(rng, dataset, city.country), role)
    for email, role in INVITED.items():
        sent = dataset.now - timedelta(days=1)
        invitation = MemberInvitation(
            id=rng.uuid7_at(sent),
            created_at=sent,
            vendor_id=cafe.row.id,
            invited_by_id=owner.id,
            role=role,
            locale=locales[0],
            expires_at=sent + timedelta(days=INVITATION_DAYS),
        )
        dataset.invitations.append(invitation)
        dataset.emails[invitation.id] = email
    dataset.offers += [_make_offer(rng, dataset, cafe, entry) for entry in CAFE["offers"]]


def seed_customer(rng: SeededRandom, dataset: Dataset) -> None:
    customer = add_account(rng, dataset, CUSTOMER)
    vouchers = VoucherGenerator(rng, dataset)
    at_cafe = [offer for offer in dataset.offers if offer.vendor.row.name == CAFE["name"]]
    vouchers.add(
        customer,
        [*at_cafe[: len(ACTIONS)], at_cafe[0]],
        [*ACTIONS, VoucherAction.REDEEM],
    )
    in_city = claimable_offers(dataset)[HOME_CITY.name]
    others = [one for one in in_city if one.row.remaining != 0 and one not in at_cafe]
    ended = [one for one in others if one.schedule.ends_at <= dataset.now]
    running = [one for one in others if one.schedule.ends_at > dataset.now + MIN_TIME_LEFT]
    vouchers.add(customer, rng.sample(running, len(ACTIONS)), ACTIONS)
    vouchers.add(customer, rng.sample(ended, 2), [VoucherAction.KEEP, VoucherAction.REDEEM])
    dataset.customers[HOME_CITY.name].append(customer)


def _make_offer(
    rng: SeededRandom, dataset: Dataset, cafe: DemoVendor, entry: dict[str, Any]
) -> DemoOffer:
    phase = OfferPhase[entry["phase"]]
    first, last = FIRST_AND_LAST_DAY[phase]
    starts_at, ends_at = (midnight(dataset.now, cafe.city.zone, day) for day in (first, last))
    schedule = make_schedule(rng, phase, dataset.now, starts_at, ends_at)
    if entry.get("showcase"):
        capacity, limit = SHOWCASE_CAPACITY, SHOWCASE_LIMIT
    else:
        capacity, limit = rng.choice([200, 300, 500]), 2
    texts = (entry["title"], CAFE["description"], CAFE["terms"])
    discount = DiscountDraft(**entry["discount"])
    row = make_offer(rng, cafe, phase.state, schedule, discount, texts, capacity, limit)
    if "rules" in entry:
        _set_rules(rng, dataset, row, OfferRules.model_validate(entry["rules"]))
    return DemoOffer(row, cafe, schedule, POPULARITY)


def _set_rules(rng: SeededRandom, dataset: Dataset, offer: Offer, rules: OfferRules) -> None:
    """Set rules as of now: the vouchers of the demo were claimed without them."""
    terms = OfferTerms(
        id=rng.uuid7_at(dataset.now),
        created_at=dataset.now,
        offer_id=offer.id,
        version=1,
        currency=offer.currency,
        locale=offer.locale,
        rules=rules.stored(),
        text=offer.terms,
    )
    dataset.offer_terms.append(terms)
    offer.terms_id = terms.id
