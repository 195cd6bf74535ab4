"""Seeds conversations, some with unread messages."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from demo.chat.builder import ChatBuilder, ConversationBuilder, ConversationSubject
from demo.dataset import Dataset, DemoVendor
from demo.identity.accounts import CUSTOMER
from demo.rng import SeededRandom
from demo.toml_data import load
from demo.vendors.cafe import CAFE
from models.chat.conversations import Side
from models.identity.accounts import User
from models.offers.offers import Offer, OfferState
from models.redemptions import Voucher
from models.vendors import VendorStatus

SCRIPTS = load("conversations")
ABOUT_VOUCHERS, ABOUT_OFFERS, ABOUT_OTHER, AT_CAFE = 160, 60, 40, 12  # conversations
PERIOD, RECENT = timedelta(weeks=3), timedelta(minutes=40)
PAUSE_SECONDS = 60, 1500  # between two messages
REPLY_SHARE, ASSIGNED_SHARE, READ_SHARE = 0.3, 0.5, 0.8


def seed_conversations(rng: SeededRandom, dataset: Dataset) -> None:
    chat = ChatBuilder(rng, dataset)
    generator = ConversationGenerator(chat)
    customer = dataset.user_of(CUSTOMER)
    cafe = next(one for one in dataset.vendors if one.row.name == CAFE["name"])
    generator.add_about_vouchers(customer, cafe)
    for vendor in generator.sample_vendors(ABOUT_OFFERS):
        user = rng.choice(dataset.customers[vendor.city.name])
        generator.add(user, vendor, rng.choice(generator.running_offers[vendor.row.id]))
    others = [one for one in generator.sample_vendors(ABOUT_OTHER) if one is not cafe]
    for vendor in others[1:]:
        generator.add(rng.choice(dataset.customers[vendor.city.name]), vendor, None)
    generator.add(customer, cafe, None, recent=1)
    generator.add(customer, others[0], None, recent=2)
    chat.add_counters()


class ConversationGenerator:
    def __init__(self, chat: ChatBuilder) -> None:
        self._chat, self._rng, self._dataset = chat, chat.rng, chat.dataset
        vendors = self._dataset.vendors
        approved = (one for one in vendors if one.row.status is VendorStatus.APPROVED)
        self._vendors = {one.row.id: one for one in approved}
        self.running_offers: defaultdict[UUID, list[Offer]] = defaultdict(list)
        for offer in self._dataset.offers:
            row = offer.row
            if row.state is OfferState.PUBLISHED and row.ends_at > self._dataset.now:
                self.running_offers[row.vendor_id].append(row)

    def sample_vendors(self, count: int) -> list[DemoVendor]:
        vendors = [one for id, one in self._vendors.items() if self.running_offers[id]]
        return self._rng.sample(vendors, min(count, len(vendors)))

    def add_about_vouchers(self, customer: User, cafe: DemoVendor) -> None:
        users = {user.id: user for user in self._dataset.users}
        vouchers = [one for one in self._dataset.vouchers if one.vendor_id in self._vendors]
        own = {one.vendor_id: one for one in vouchers if one.user_id == customer.id}
        others = [one for one in vouchers if one.user_id != customer.id]
        at_cafe = [one for one in others if one.vendor_id == cafe.row.id]
        elsewhere = [one for one in others if one.vendor_id != cafe.row.id]
        chosen = [
            *own.values(),
            *self._rng.sample(at_cafe, AT_CAFE),
            *self._rng.sample(elsewhere, ABOUT_VOUCHERS),
        ]
        for voucher in chosen:
            self.add(users[voucher.user_id], self._vendors[voucher.vendor_id], voucher)

    def add(
        self, user: User, vendor: DemoVendor, subject: ConversationSubject, *, recent: int = 0
    ) -> None:
        """Add a conversation with the lines of a random script that fit in before now.

        It ends with `recent` messages of the last 40 minutes, the last one unread.
        """
        # Uses a generator of its own: how many lines fit in depends on the time of day.
        rng = SeededRandom(self._rng.getrandbits(64))
        now, scripts = self._dataset.now, SCRIPTS.get(vendor.row.locale, SCRIPTS["en"])
        at = rng.in_opening_hours(self._earliest(subject), now, vendor.city.zone)
        at = now - RECENT if recent else at
        conversation = self._chat.start(rng, user, vendor.row, subject, at)
        member_id = rng.choice(vendor.member_ids)
        for line in _random_script(rng, scripts, subject)[: recent or None]:
            if at < now:
                self._add_line(rng, conversation, user.id, member_id, line, at)
                pause = PAUSE_SECONDS[0] if recent else rng.uniform(*PAUSE_SECONDS)
                at += timedelta(seconds=pause)
        if rng.chance(ASSIGNED_SHARE):
            conversation.conversation.assignee_id = member_id
        by_user, by_vendor = (1 if recent or not rng.chance(READ_SHARE) else 0 for _ in Side)
        conversation.mark_read(Side.USER, user.id, by_user)
        for member_id in vendor.member_ids:
            conversation.mark_read(Side.VENDOR, member_id, by_vendor)

    def _earliest(self, subject: ConversationSubject) -> datetime:
        earliest = self._dataset.now - PERIOD
        if isinstance(subject, Voucher):
            earliest = max(earliest, subject.created_at)
        elif isinstance(subject, Offer):
            earliest = max(earliest, subject.starts_at)
        return min(earliest, self._dataset.now - RECENT)

    def _add_line(
        self,
        rng: SeededRandom,
        conversation: ConversationBuilder,
        user_id: UUID,
        member_id: UUID,
        line: str,
        at: datetime,
    ) -> None:
        """Add a line, unless it shares an offer and none is running."""
        mark, offers = line[0], self.running_offers[conversation.conversation.vendor_id]
        if mark == "*" and offers:
            offer = rng.choice(offers)
            conversation.add_message(Side.VENDOR, member_id, line[2:], at, offer=offer)
        elif mark == ">":
            is_reply = rng.chance(REPLY_SHARE)
            conversation.add_message(Side.VENDOR, member_id, line[2:], at, is_reply=is_reply)
        elif mark != "*":
            conversation.add_message(Side.USER, user_id, line, at)


def _random_script(
    rng: SeededRandom, scripts: dict[str, list[str]], subject: ConversationSubject
) -> list[str]:
    kind = "other"
    if isinstance(subject, Voucher):
        kind = "voucher"
    elif isinstance(subject, Offer):
        kind = "offer"
    return [line.strip() for line in rng.choice(scripts[kind]).strip().splitlines()]
