"""Vouchers: claimed by customers in their own city, and what became of them."""

from collections import defaultdict
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

from demo.chance import Chance
from demo.redemptions import redeem
from demo.rows import Deal, Town
from models.identity.accounts import User
from models.redemptions import Voucher, VoucherState

WEEKS = timedelta(weeks=6)
SOON = timedelta(days=6)
FEWEST, MORE, MOST = 4, 14, 60  # claims a customer: at least, so many more on average, at most


class Fate(Enum):
    """What a user does with a voucher."""

    KEEP = auto()
    REDEEM = auto()
    CANCEL = auto()


class Claims:
    """Hands out vouchers as the server does: counted, and each user's in turns.

    Who gave one back does not come again for the same.
    """

    def __init__(self, chance: Chance, town: Town) -> None:
        self._chance = chance
        self._town = town
        self._held: defaultdict[tuple[UUID, UUID], list[Voucher]] = defaultdict(list)

    def draw(self, user: User, deals: list[Deal], fates: list[Fate]) -> None:
        """The user claims these while they can be claimed, one offer's in the order of time."""
        since = self._town.now - WEEKS
        shares = sorted(self._chance.random() for _ in deals)
        for share, deal, fate in zip(shares, deals, fates, strict=True):
            start, end = deal.claims_start(since), deal.window.claims_end
            self._claim(user, deal, start + (end - start) * share, fate)

    def _claim(self, user: User, deal: Deal, at: datetime, fate: Fate) -> None:
        offer, held = deal.offer, self._held[deal.offer.id, user.id]
        gave_back = any(voucher.state is VoucherState.CANCELLED for voucher in held)
        if gave_back or len(held) == offer.per_user_limit or offer.remaining == 0:
            return
        voucher = Voucher(
            id=self._chance.id_at(at),
            created_at=at,
            offer_id=offer.id,
            vendor_id=offer.vendor_id,
            user_id=user.id,
            claim_number=len(held) + 1,
            code=self._chance.code(),
            token="",
            starts_at=offer.starts_at,
            expires_at=offer.ends_at,
        )
        offer.claimed += 1
        held.append(voucher)
        self._town.vouchers.append(voucher)
        self._settle(deal, voucher, fate)

    def _settle(self, deal: Deal, voucher: Voucher, fate: Fate) -> None:
        end = min(deal.offer.ends_at, self._town.now)
        soon = min(end, voucher.created_at + SOON)
        if fate is Fate.REDEEM:
            zone = deal.shop.city.zone
            at = self._chance.in_opening_hours(voucher.created_at, soon, zone)
            redeem(self._chance, self._town, deal.shop, voucher, at)
        elif fate is Fate.CANCEL:
            voucher.state = VoucherState.CANCELLED
            voucher.cancelled_at = self._chance.between(voucher.created_at, soon)
            deal.offer.claimed -= 1
        elif deal.offer.ends_at <= self._town.now:
            voucher.state = VoucherState.EXPIRED


def draw_vouchers(chance: Chance, town: Town) -> None:
    """The sought-after offers of a city go first; three of five vouchers get redeemed."""
    claims, deals = Claims(chance, town), claimable(town)
    for city, people in town.customers.items():
        nearby = deals[city]
        weights = [deal.popularity for deal in nearby]
        for person in people:
            count = min(FEWEST + int(chance.expovariate(1 / MORE)), MOST)
            wanted = chance.choices(nearby, weights, k=count)
            fates = chance.choices(list(Fate), [0.35, 0.61, 0.04], k=count)
            claims.draw(person, wanted, fates)


def claimable(town: Town) -> dict[str, list[Deal]]:
    """By city, the offers that somebody could have claimed in the past weeks."""
    found: dict[str, list[Deal]] = {}
    for deal in town.deals:
        if deal.claims_start(town.now - WEEKS) < deal.window.claims_end:
            found.setdefault(deal.shop.city.name, []).append(deal)
    return found
