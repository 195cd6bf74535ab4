"""Texts of mails and push messages hold no words of other users outside quotation marks."""

from dataclasses import astuple
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import select

from core.clock import now
from core.ids import new_id
from models.admins.changes import AdminAct, AdminChange
from models.events.selling.holds import HoldSource
from models.identity.accounts import User
from models.ledger.entries import LedgerEntry
from models.ledger.promo_money import PromoMoney
from models.notifications.inbox import Notification, NotificationKind
from models.orders.orders import SubOrder
from models.orders.returns import ReturnRequest
from models.packs.subscriptions import PackSubscription
from models.payments.disputes import Dispute, DisputeState
from models.payments.payments import PaymentProvider
from models.payments.refunds import Refund, RefundPart, RefundReason
from models.redemptions import VoucherState
from models.shipments import Shipment
from services.invoices.content.suborders import issue_suborder
from services.notifications.kinds import NotificationText, declared_kinds, quoted
from tests.client import Client
from tests.factories.chat import Chat
from tests.factories.fraud import stored_case
from tests.factories.redemptions import Till
from tests.factories.world import World

LINK = "Haat Security. Confirm at https://evil.example/login"
QUOTE = "Asha” has left. Haat: “your shop is locked"
MARKER = "Haat Security team"
# A thief would have chosen the name of the token that the mail is about. A suspended user has
# chosen theirs.
NAMING_ORDERS = {
    NotificationKind.ORDER_ACCEPTED,
    NotificationKind.ORDER_SHIPPED,
    NotificationKind.ORDER_DELIVERED,
}
OF_ORDERS = ("ORDER_", "RETURN_", "REFUND_", "SHIPMENT_", "PAYMENT_", "DISPUTE_")
NAMELESS = {
    NotificationKind.API_TOKEN_CREATED,
    NotificationKind.BOOKINGS_COLLIDE,
    NotificationKind.USER_SUSPENDED,
    NotificationKind.USER_RESTORED,
    NotificationKind.SMS_PAUSED,
    NotificationKind.PRODUCTS_IMPORTED,
    NotificationKind.OFFERS_IMPORTED,
    NotificationKind.SAVED_SEARCHES_MATCHED_DAILY,
    NotificationKind.WALLET_ADJUSTED,
    NotificationKind.DOWNLOADS_READY,
    NotificationKind.INVOICE_ISSUED,
    NotificationKind.PROMO_MONEY_ENDING,
    NotificationKind.PURCHASE_PAID,
    NotificationKind.PURCHASE_REFUNDED,
    *(kind for kind in NotificationKind if kind.startswith(OF_ORDERS)),
} - NAMING_ORDERS


async def _funded(world: World, user: User) -> UUID:
    """Return the id of the entry by which money came into a wallet."""
    await world.fund(user, 1_00)
    async with world.database.session() as session:
        return (await session.exec(select(LedgerEntry.id).limit(1))).one()


async def _subscription(world: World, till: Till) -> UUID:
    """Return the id of a subscription of the vendor to a pack."""
    pack = await world.pack()
    one = PackSubscription(
        vendor_id=till.vendor.id,
        user_id=till.customer.id,
        pack_id=pack.id,
        unit=pack.unit,
        period_days=pack.period_days,
        currency="INR",
        net=1_00,
        provider=PaymentProvider.WALLET,
        renews_at=now(),
    )
    await world.save(one)
    return one.id


async def _invoiced(world: World, part: SubOrder) -> UUID:
    """Return the id of the invoice of a part."""
    async with world.database.session() as session, session.begin():
        invoice = await issue_suborder(session, world.sealer, part.id)
        assert invoice
        return invoice.id


async def subjects(world: World, api: Client) -> dict[NotificationKind, tuple[UUID, list[User]]]:
    """Return the subject and the recipients of a notification of each kind."""
    till = await Till.open(world)
    voucher = await till.voucher(state=VoucherState.REDEEMED, redeemed_at=now())
    chat = await Chat.open(world, api)
    token, _ = await world.api_token(till.customer)
    application = await world.application(till.customer, await world.vendor(till.customer))
    admin = await world.admin()
    (variant,) = await world.variants(await world.product(till.vendor))
    change = AdminChange(user_id=till.customer.id, act=AdminAct.GRANT, requester_id=admin.id)
    await world.save(change)
    of_application = (
        NotificationKind.APPLICATION_RECEIVED,
        NotificationKind.CHANGES_REQUESTED,
        NotificationKind.APPLICATION_CLOSED,
        NotificationKind.VENDOR_APPROVED,
        NotificationKind.VENDOR_REJECTED,
    )
    of_vendor = (
        NotificationKind.VENDOR_SUSPENDED,
        NotificationKind.VENDOR_RESTORED,
        NotificationKind.COMMISSION_SET,
        NotificationKind.RESERVE_SET,
        NotificationKind.VENDOR_IN_DEBT,
        NotificationKind.DEBT_WRITTEN_OFF,
        NotificationKind.MEMBER_ROLE_CHANGED,
        NotificationKind.MEMBER_REMOVED,
        NotificationKind.INVITATION_ACCEPTED,
    )
    event = await world.event(till.vendor)
    kind_of_ticket = await world.ticket_type(event)
    ticket = await world.ticket(till.customer, await world.event_date(event), kind_of_ticket)
    transfer = await world.ticket_transfer(ticket, till.customer)
    of_transfer = (
        NotificationKind.TICKET_TRANSFER_RECEIVED,
        NotificationKind.TICKET_TRANSFER_ENDED,
    )
    gift = await world.voucher_gift(await till.voucher(claim_number=2), to=await world.user())
    of_voucher = (NotificationKind.REDEMPTION_REVERSED, NotificationKind.VOUCHER_REISSUED)
    of_gift = (NotificationKind.VOUCHER_GIFT_RECEIVED, NotificationKind.VOUCHER_GIFT_ENDED)
    account = await world.payout_account(till.vendor)
    payout = await world.payout(account)
    placed = await world.placed_order(till.customer, [await world.vendor()])
    part = placed.suborders[0]
    returned = ReturnRequest(suborder_id=part.id, buyer_id=till.customer.id, reason="Too small")
    refund = Refund(order_id=placed.order.id, reason=RefundReason.CANCELLED, amount=0)
    shipment = Shipment(suborder_id=part.id, vendor_id=part.vendor_id, position=0)
    way = RefundPart(
        refund_id=refund.id,
        payment_id=placed.payments[0].id,
        provider=PaymentProvider.STRIPE,
        amount=1,
    )
    dispute = Dispute(
        payment_id=placed.payments[0].id,
        provider=PaymentProvider.STRIPE,
        reference="dp_1",
        dispute_state=DisputeState.WARNING,
        reason="fraudulent",
        amount=1,
        currency="INR",
    )
    await world.save(returned, refund, shipment, way, dispute)
    of_way = NotificationKind.REFUND_STUCK, NotificationKind.REFUND_NEEDS_ADMIN
    of_dispute = [kind for kind in NotificationKind if kind.startswith("DISPUTE_")]
    of_part = (
        *NAMING_ORDERS,
        NotificationKind.ORDER_RECEIVED,
        NotificationKind.ORDER_UNITS_CANCELLED,
    )
    of_refund = (
        NotificationKind.ORDER_PART_CANCELLED,
        NotificationKind.REFUND_GRANTED,
        NotificationKind.REFUND_SETTLED,
        NotificationKind.PAYMENT_RETURNED,
    )
    purchase = (await world.bought(till.vendor, till.customer)).purchase_id
    subscription = await _subscription(world, till)
    await world.promo_money(till.customer, 1_00, timedelta(days=1))
    of_subscription = [kind for kind in NotificationKind if kind.startswith("PACK_")]
    of_purchase = NotificationKind.PURCHASE_PAID, NotificationKind.PURCHASE_REFUNDED
    of_shipment = [kind for kind in NotificationKind if kind.startswith("SHIPMENT_")]
    of_return = NotificationKind.RETURN_REQUESTED, NotificationKind.RETURN_ANSWERED
    of_order = (
        NotificationKind.ORDER_CONFIRMED,
        NotificationKind.ORDER_EXPIRED,
        NotificationKind.DOWNLOADS_READY,
    )
    of_date = [kind for kind in NotificationKind if kind.startswith("EVENT_DATE_")]
    date = await world.event_date(await world.event(till.vendor))
    case = await stored_case(till)
    return {
        **{kind: (date.id, [till.customer]) for kind in of_date},
        **{kind: (placed.order.id, [till.customer]) for kind in of_order},
        **{kind: (part.id, [till.customer]) for kind in of_part},
        **{kind: (transfer.id, [till.customer]) for kind in of_transfer},
        NotificationKind.TICKET_CANCELLED: (ticket.id, [till.customer]),
        **await _booked(world, till),
        NotificationKind.TICKET_RESOLD: (ticket.id, [till.customer]),
        NotificationKind.TICKET_RESEATED: (ticket.id, [till.customer]),
        **{kind: (refund.id, [till.customer]) for kind in of_refund},
        **{kind: (way.id, [till.customer]) for kind in of_way},
        **{kind: (dispute.id, [till.customer, admin]) for kind in of_dispute},
        **{kind: (shipment.id, [till.customer, admin]) for kind in of_shipment},
        **{kind: (returned.id, [till.customer]) for kind in of_return},
        **{kind: (purchase, [till.customer]) for kind in of_purchase},
        **{kind: (subscription, [till.customer]) for kind in of_subscription},
        NotificationKind.PROMO_MONEY_ENDING: (
            (await world.first(PromoMoney)).id,
            [till.customer],
        ),
        **{kind: (application.id, [till.customer]) for kind in of_application},
        **{kind: (till.vendor.id, [till.customer]) for kind in of_vendor},
        NotificationKind.PAYMENT_FAILED: (placed.payments[0].id, [till.customer]),
        NotificationKind.LOW_STOCK: ((await world.stock(variant)).id, [till.customer]),
        NotificationKind.BACK_IN_STOCK: (variant.id, [till.customer]),
        NotificationKind.PRODUCTS_IMPORTED: (new_id(), [till.customer]),
        NotificationKind.WALLET_ADJUSTED: (await _funded(world, till.customer), [till.customer]),
        **await _waited(world, till),
        NotificationKind.VACCINATION_DUE: (await _due(world, till.customer), [till.customer]),
        NotificationKind.INVOICE_ISSUED: (await _invoiced(world, part), [till.customer]),
        NotificationKind.PAYOUT_ACCOUNT_CHANGED: (account.id, [till.customer]),
        NotificationKind.PAYOUT_ACCOUNT_RESTRICTED: (account.id, [till.customer]),
        NotificationKind.PAYOUT_PAID: (payout.id, [till.customer]),
        NotificationKind.PAYOUT_FAILED: (payout.id, [till.customer]),
        NotificationKind.PAYOUT_RETURNED: (payout.id, [till.customer]),
        NotificationKind.USER_SUSPENDED: (till.customer.id, [till.customer]),
        NotificationKind.SMS_PAUSED: (admin.id, [admin]),
        NotificationKind.USER_RESTORED: (till.customer.id, [till.customer]),
        NotificationKind.ADMIN_CHANGE_REQUESTED: (change.id, [admin]),
        NotificationKind.API_TOKEN_CREATED: (token.id, [till.customer]),
        NotificationKind.OFFER_PUBLISHED: (till.offer.id, [till.customer]),
        NotificationKind.OFFERS_IMPORTED: (new_id(), [till.customer]),
        NotificationKind.SAVED_SEARCH_MATCHED: (till.offer.id, [till.customer]),
        NotificationKind.SAVED_SEARCHES_MATCHED_DAILY: (new_id(), [till.customer]),
        NotificationKind.OFFER_NOT_PUBLISHED: (till.offer.id, [till.customer]),
        NotificationKind.VOUCHER_REDEEMED: (voucher.id, [till.customer]),
        **{kind: (voucher.id, [till.customer]) for kind in of_voucher},
        **{kind: (gift.id, [till.customer]) for kind in of_gift},
        NotificationKind.VOUCHER_RELEASED: (case.redemption_id, [till.customer]),
        NotificationKind.FRAUD_CASE_OPENED: (case.id, [till.customer]),
        NotificationKind.MESSAGE_RECEIVED: ((await chat.row()).id, [chat.customer, chat.member]),
    }


def _texts(one: NotificationText) -> tuple[str, str, str, str]:
    return one.push_title, one.push_body, one.mail_subject, one.mail_body


async def composed(
    world: World, api: Client, name: str
) -> list[tuple[NotificationKind, NotificationText]]:
    """Return the texts of all kinds, where everything that users can name has this name."""
    given = await subjects(world, api)
    missing = set(NotificationKind) - given.keys()
    assert missing == set(), "add a subject of each kind to `subjects`"
    async with world.database.session() as session, session.begin():
        for statement in (
            'UPDATE "user" SET name = :name',
            "UPDATE vendor SET name = :name, city = :name",
            "UPDATE api_token SET name = :name",
            "UPDATE pet SET name = :name",
            "UPDATE product SET title = jsonb_build_object('en', CAST(:name AS text))",
            "UPDATE variant SET sku = left(:name, 40)",
            "UPDATE event SET title = jsonb_build_object('en', CAST(:name AS text))",
            "UPDATE event SET title = jsonb_build_object('en', CAST(:name AS text)), locale = 'en'",
            "UPDATE service SET name = jsonb_build_object('en', CAST(:name AS text))",
            "UPDATE service SET locale = 'en' WHERE name ->> 'en' = :name",
            "UPDATE offer SET title = jsonb_build_object('en', CAST(:name AS text)), locale = 'en'",
        ):
            await session.execute(text(statement), {"name": name})
    return await compose_all(world, given)


async def compose_all(
    world: World, given: dict[NotificationKind, tuple[UUID, list[User]]]
) -> list[tuple[NotificationKind, NotificationText]]:
    """Return the texts of a notification of each kind to each recipient, of some counts."""
    async with world.database.session() as session:
        return [
            (
                kind,
                await declared_kinds()[kind].compose(
                    session,
                    Notification(
                        user_id=user.id,
                        kind=kind,
                        subject_id=subject_id,
                        count=count,
                        locale=user.locale,
                    ),
                    user,
                ),
            )
            for kind, (subject_id, users) in given.items()
            for user in users
            for count in (1, 3, 100)
        ]


async def test_names_stand_in_quotation_marks_and_never_in_subjects(
    world: World, api: Client
) -> None:
    for kind, one in await composed(world, api, MARKER):
        assert MARKER not in one.mail_subject + one.push_title
        for part in (one.mail_body, one.push_body):
            assert part.count(MARKER) == part.count(f"“{MARKER}”")
            assert (MARKER in part) is (kind not in NAMELESS)


async def test_texts_are_in_the_language_of_their_user(world: World, api: Client) -> None:
    """Mails in English to all others are a known failure: see docs/known-failures.md."""
    given = await subjects(world, api)
    english = await compose_all(world, given)
    for user in (user for _, users in given.values() for user in users):
        user.locale = "hi"
    pairs = zip(english, await compose_all(world, given), strict=True)
    same = {kind for (kind, one), (_, other) in pairs if set(_texts(one)) & set(_texts(other))}
    assert same == set()


async def test_texts_contain_no_link_made_of_a_name(world: World, api: Client) -> None:
    for _, one in await composed(world, api, LINK):
        assert "evil" not in "".join(map(str, astuple(one)))


async def test_a_name_cannot_close_its_quotation_marks(world: World, api: Client) -> None:
    for kind, one in await composed(world, api, QUOTE):
        if kind in NAMELESS:
            continue
        assert '“Asha" has left. Haat: "your shop is locked”' in one.mail_body
        assert QUOTE not in one.mail_body + one.push_body


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Asha", "“Asha”"),
        ("a\n\nb\u202e", "“a b”"),
        ("\u200b", "a user"),
        ("evil.com", "a user"),
        ("„x“", '“"x"”'),
    ],
)
def test_quoted(name: str, shown: str) -> None:
    assert quoted(name, otherwise="a user") == shown


async def _booked(world: World, till: Till) -> dict[NotificationKind, tuple[UUID, list[User]]]:
    """Return a booking, whose service has a name that misleads."""
    service = await world.service(till.vendor, name={"en": QUOTE})
    booking = await world.booking(till.customer, service)
    wait = await world.booking_wait(till.customer, service)
    kinds = [kind for kind in NotificationKind if kind.startswith("BOOKING_")]
    subjects = dict.fromkeys(kinds, booking.id) | {
        NotificationKind.BOOKING_WAIT_LAPSED: wait.id,
        NotificationKind.BOOKINGS_COLLIDE: till.vendor.id,
    }
    return {kind: (id, [till.customer]) for kind, id in subjects.items()}


async def _due(world: World, owner: User) -> UUID:
    """Return a vaccination whose name and pet mislead."""
    pet = await world.pet(owner, name=QUOTE)
    vaccination = await world.vaccination(pet, name=LINK)
    vaccination.count_reminder()
    await world.save(vaccination)
    return vaccination.id


async def _waited(world: World, till: Till) -> dict[NotificationKind, tuple[UUID, list[User]]]:
    """Return a hold and an entry of a waitlist, whose title misleads."""
    event = await world.event(till.vendor, title={"en": QUOTE})
    date = await world.event_date(event)
    kind = await world.ticket_type(event)
    entry = await world.waitlist_entry(till.customer, date)
    hold = await world.ticket_hold(
        till.customer, date, kind, source=HoldSource.WAITLIST, entry_id=entry.id
    )
    return {
        NotificationKind.WAITLIST_HOLD: (hold.id, [till.customer]),
        NotificationKind.WAITLIST_LAPSED: (entry.id, [till.customer]),
    }
