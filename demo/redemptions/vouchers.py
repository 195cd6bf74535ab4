"""Seeds vouchers of offers in the customer's city."""

from collections import defaultdict
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

from demo.dataset import Dataset, DemoOffer
from demo.redemptions.redemptions import redeem
from demo.rng import SeededRandom
from models.identity.accounts import User
from models.redemptions import Voucher, VoucherState

CLAIM_PERIOD = timedelta(weeks=6)
MAX_TIME_TO_USE = timedelta(days=6)
MIN_CLAIMS, MEAN_EXTRA_CLAIMS, MAX_CLAIMS = 4, 14, 60  # per customer


class VoucherAction(Enum):
    KEEP = auto()
    REDEEM = auto()
    CANCEL = auto()


ACTION_WEIGHTS = {
    VoucherAction.KEEP: 0.35,
    VoucherAction.REDEEM: 0.61,
    VoucherAction.CANCEL: 0.04,
}


class VoucherGenerator:
    """Adds vouchers under the rules of the server.

    A customer who cancelled a voucher does not claim the same offer again.
    """

    def __init__(self, rng: SeededRandom, dataset: Dataset) -> None:
        self._rng = rng
        self._dataset = dataset
        self._by_offer_and_user: defaultdict[tuple[UUID, UUID], list[Voucher]] = defaultdict(list)

    def add(self, user: User, offers: list[DemoOffer], actions: list[VoucherAction]) -> None:
        """Claim each offer at a random time.

        The shares are sorted, so that repeated claims of one offer are in order of time.
        """
        since = self._dataset.now - CLAIM_PERIOD
        shares = sorted(self._rng.random() for _ in offers)
        for share, offer, action in zip(shares, offers, actions, strict=True):
            start, end = offer.claims_start(since), offer.schedule.claims_end
            self._claim(user, offer, start + (end - start) * share, action)

    def _claim(self, user: User, offer: DemoOffer, at: datetime, action: VoucherAction) -> None:
        row, held = offer.row, self._by_offer_and_user[offer.row.id, user.id]
        cancelled = any(voucher.state is VoucherState.CANCELLED for voucher in held)
        if cancelled or len(held) == row.per_user_limit or row.remaining == 0:
            return
        voucher = Voucher(
            id=self._rng.uuid7_at(at),
            created_at=at,
            offer_id=row.id,
            vendor_id=row.vendor_id,
            user_id=user.id,
            claim_number=len(held) + 1,
            code=self._rng.voucher_code(),
            token="",
            starts_at=row.starts_at,
            expires_at=row.ends_at,
        )
        row.claimed += 1
        held.append(voucher)
        self._dataset.vouchers.append(voucher)
        self._apply(offer, voucher, action)

    def _apply(self, offer: DemoOffer, voucher: Voucher, action: VoucherAction) -> None:
        end = min(offer.row.ends_at, self._dataset.now)
        latest = min(end, voucher.created_at + MAX_TIME_TO_USE)
        if action is VoucherAction.REDEEM:
            zone = offer.vendor.city.zone
            at = self._rng.in_opening_hours(voucher.created_at, latest, zone)
            redeem(self._rng, self._dataset, offer.vendor, voucher, at)
        elif action is VoucherAction.CANCEL:
            voucher.state = VoucherState.CANCELLED
            voucher.cancelled_at = self._rng.between(voucher.created_at, latest)
            offer.row.claimed -= 1
        elif offer.row.ends_at <= self._dataset.now:
            voucher.state = VoucherState.EXPIRED


def seed_vouchers(rng: SeededRandom, dataset: Dataset) -> None:
    vouchers, offers = VoucherGenerator(rng, dataset), claimable_offers(dataset)
    for city, customers in dataset.customers.items():
        nearby = offers[city]
        weights = [offer.popularity for offer in nearby]
        for customer in customers:
            count = min(MIN_CLAIMS + int(rng.expovariate(1 / MEAN_EXTRA_CLAIMS)), MAX_CLAIMS)
            wanted = rng.choices(nearby, weights, k=count)
            actions = rng.choices(list(ACTION_WEIGHTS), list(ACTION_WEIGHTS.values()), k=count)
            vouchers.add(customer, wanted, actions)


def claimable_offers(dataset: Dataset) -> dict[str, list[DemoOffer]]:
    found: dict[str, list[DemoOffer]] = {}
    for offer in dataset.offers:
        if offer.claims_start(dataset.now - CLAIM_PERIOD) < offer.schedule.claims_end:
            found.setdefault(offer.vendor.city.name, []).append(offer)
    return found
