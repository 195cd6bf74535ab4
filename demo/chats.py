"""Conversations about vouchers, offers and umbrellas, some of them not read to the end."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from demo import words_owner
from demo.chance import Chance
from demo.people import CUSTOMER
from demo.rows import Shop, Town
from demo.talks import Subject, Talk, Talks
from demo.words_chats import CHATS, ChatWords
from models.chat.conversations import Side
from models.identity.accounts import User
from models.offers.offers import Offer, OfferState
from models.redemptions import Voucher
from models.vendors import VendorStatus

ABOUT_VOUCHERS, ABOUT_OFFERS, ABOUT_ANYTHING, AT_THE_CAFE = 160, 60, 40, 12
WEEKS, JUST_NOW = timedelta(weeks=3), timedelta(minutes=40)
PAUSES = 60, 1500  # seconds between two lines
ANSWERS, ASSIGNED, READ = 0.3, 0.5, 0.8


def draw_chats(chance: Chance, town: Town) -> None:
    """The owner's café and the customer have more than others, and a line that waits for each."""
    talks = Talks(chance, town)
    drawing = Drawing(talks)
    customer = next(user for user in town.users if user.email == CUSTOMER.email)
    cafe = next(one for one in town.shops if one.vendor.name == words_owner.NAME)
    drawing.about_vouchers(customer, cafe)
    for shop in drawing.some_shops(ABOUT_OFFERS):
        user = chance.choice(town.customers[shop.city.name])
        drawing.talk(user, shop, chance.choice(drawing.live[shop.vendor.id]))
    near = [one for one in drawing.some_shops(ABOUT_ANYTHING) if one is not cafe]
    for shop in near[1:]:
        drawing.talk(chance.choice(town.customers[shop.city.name]), shop, None)
    drawing.talk(customer, cafe, None, fresh=1)
    drawing.talk(customer, near[0], None, fresh=2)
    talks.settle()


class Drawing:
    """Talks between the people and the open shops of a town."""

    def __init__(self, talks: Talks) -> None:
        self._talks, self._chance, self._town = talks, talks.chance, talks.town
        approved = (one for one in self._town.shops if one.vendor.status is VendorStatus.APPROVED)
        self._shops = {one.vendor.id: one for one in approved}
        self.live: defaultdict[UUID, list[Offer]] = defaultdict(list)
        for deal in self._town.deals:
            offer = deal.offer
            if offer.state is OfferState.PUBLISHED and offer.ends_at > self._town.now:
                self.live[offer.vendor_id].append(offer)

    def some_shops(self, count: int) -> list[Shop]:
        """Of those that have something to offer."""
        shops = [one for id, one in self._shops.items() if self.live[id]]
        return self._chance.sample(shops, min(count, len(shops)))

    def about_vouchers(self, customer: User, cafe: Shop) -> None:
        """One of the customer's at each shop, some of the café's, and some of everybody's."""
        users = {user.id: user for user in self._town.users}
        vouchers = [one for one in self._town.vouchers if one.vendor_id in self._shops]
        mine = {one.vendor_id: one for one in vouchers if one.user_id == customer.id}
        others = [one for one in vouchers if one.user_id != customer.id]
        there = [one for one in others if one.vendor_id == cafe.vendor.id]
        elsewhere = [one for one in others if one.vendor_id != cafe.vendor.id]
        chosen = [
            *mine.values(),
            *self._chance.sample(there, AT_THE_CAFE),
            *self._chance.sample(elsewhere, ABOUT_VOUCHERS),
        ]
        for voucher in chosen:
            self.talk(users[voucher.user_id], self._shops[voucher.vendor_id], voucher)

    def talk(self, user: User, shop: Shop, subject: Subject, *, fresh: int = 0) -> None:
        """As much of a talk as there has been time for.

        Of a `fresh` one there are so many lines, of just now, and the last one waits.
        """
        chance = Chance(self._chance.getrandbits(64))
        now, words = self._town.now, CHATS.get(shop.vendor.locale, CHATS["en"])
        at = chance.in_opening_hours(self._earliest(subject), now, shop.city.zone)
        at = now - JUST_NOW if fresh else at
        talk, member = self._talks.begin(user, shop.vendor, subject, at), chance.choice(shop.staff)
        for line in _lines(chance, words, subject)[: fresh or None]:
            if at < now:
                self._say(chance, talk, user.id, member, line, at)
                at += timedelta(seconds=chance.uniform(*PAUSES) if not fresh else PAUSES[0])
        if chance.happens(ASSIGNED):
            talk.conversation.assignee_id = member
        unread = [1 if fresh or not chance.happens(READ) else 0 for _ in Side]
        talk.read(Side.USER, user.id, unread[0])
        for member_id in shop.staff:
            talk.read(Side.VENDOR, member_id, unread[1])

    def _earliest(self, subject: Subject) -> datetime:
        """When one could first talk about that, within the last weeks."""
        begun = self._town.now - WEEKS
        if isinstance(subject, Voucher):
            begun = max(begun, subject.created_at)
        elif isinstance(subject, Offer):
            begun = max(begun, subject.starts_at)
        return min(begun, self._town.now - JUST_NOW)

    def _say(
        self, chance: Chance, talk: Talk, user_id: UUID, member_id: UUID, line: str, at: datetime
    ) -> None:
        mark, live = line[0], self.live[talk.conversation.vendor_id]
        if mark == "*" and live:
            talk.say(Side.VENDOR, member_id, line[2:], at, offer=chance.choice(live))
        elif mark == ">":
            talk.say(Side.VENDOR, member_id, line[2:], at, answers=chance.happens(ANSWERS))
        elif mark != "*":
            talk.say(Side.USER, user_id, line, at)


def _lines(chance: Chance, words: ChatWords, subject: Subject) -> list[str]:
    talks = words.anything
    if isinstance(subject, Voucher):
        talks = words.vouchers
    elif isinstance(subject, Offer):
        talks = words.offers
    return [line.strip() for line in chance.choice(talks).splitlines()]
