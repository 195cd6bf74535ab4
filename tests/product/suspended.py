"""A vendor of everything, and a customer who has bought, held and asked for some of it."""

from typing import Any, Self

from models.bookings.bookings import Booking, BookingState
from models.catalog.variants import Variant
from models.events.dates import EventDate
from models.events.events import Event
from models.events.selling.holds import TicketHold
from models.events.ticket_types import TicketType
from models.events.tickets import Ticket
from models.identity.accounts import User
from models.offers.offers import Offer
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid
from tests.factories.chat import Chat
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import hold_input, keyed
from tests.resolvers.events.door import Door
from tests.resolvers.events.inputs import hold_input as tickets_input

REASON = "Customers did not get what they had paid for."


class Bazaar:
    """`customer` has a voucher, goods in the cart, a ticket, a hold, bookings and a conversation.

    Nothing of the bookings is paid online: `visit` is CONFIRMED, `held` HELD and `asked` REQUESTED.
    """

    clinic: Clinic
    vendor: Vendor
    customer: User
    client: Client
    owner: Client
    admin: Client
    offer: Offer
    voucher_id: str
    cart_id: str
    variant: Variant
    event: Event
    date: EventDate
    kind: TicketType
    ticket: Ticket
    hold: TicketHold
    door: Door
    chat: Chat
    visit: Booking
    held: Booking
    asked: Booking

    def __init__(self, world: World, api: Client) -> None:
        self.world, self.api = world, api

    @classmethod
    async def open(cls, world: World, api: Client) -> Self:
        self = cls(world, api)
        self.clinic = clinic = await Clinic.open(world)
        self.vendor, self.customer = clinic.vendor, clinic.customer
        self.client, self.owner = api.signed_in(clinic.customer), api.signed_in(clinic.owner)
        self.admin = api.signed_in(await world.admin())
        self.visit = await clinic.booking()
        self.held = await clinic.booking(starts_at=clinic.at(11), state=BookingState.HELD)
        self.asked = await clinic.booking(starts_at=clinic.at(12), state=BookingState.REQUESTED)
        await self._sell_goods()
        await self._sell_tickets()
        self.offer = await world.offer(self.vendor, per_user_limit=2)
        claimed = await self.client.do("claimOffer", self.claim(), "voucher { id }")
        self.voucher_id = claimed["voucher"]["id"]
        staff = await new_member(world, self.vendor, MemberRole.STAFF)
        self.chat = await Chat.between(world, api, self.customer, self.vendor, staff)
        return self

    def claim(self) -> dict[str, Any]:
        return {"offerId": gid(self.offer), **keyed()}

    async def _sell_goods(self) -> None:
        product = await self.world.product(self.vendor, kind="DIGITAL")
        (self.variant,) = await self.world.variants(product)
        put = {"variantId": gid(self.variant), "quantity": 1, **keyed()}
        added = await self.client.do("addToCart", put, "cart { id }")
        self.cart_id = added["cart"]["id"]

    async def _sell_tickets(self) -> None:
        world = self.world
        self.event = await world.event(self.vendor)
        self.date = await world.event_date(self.event)
        quota = await world.quota(self.date, 10)
        self.kind = await world.ticket_type(self.event, quota)
        self.door = door = Door()
        door.world, door.vendor, door.event, door.date = world, self.vendor, self.event, self.date
        door.door = await world.check_in_list(self.date)
        door.member = await new_member(world, self.vendor, MemberRole.SCANNER)
        self.ticket = await world.ticket(self.customer, self.date, self.kind, quota)
        self.hold = await world.ticket_hold(self.customer, self.date, self.kind, quota)

    async def suspend(self) -> None:
        given = {"vendorId": gid(self.vendor), "reason": REASON}
        assert await self.admin.refusal_codes("suspendVendor", given) == []

    async def restore(self) -> None:
        given = {"vendorId": gid(self.vendor)}
        assert await self.admin.refusal_codes("restoreVendor", given) == []

    async def problems(self) -> set[str]:
        """Return the codes of the problems of a checkout of all that waits to be ordered."""
        wanted = {"currency": "INR", "cartId": self.cart_id, "holdIds": [gid(self.hold)]}
        made = await self.client.do("createCheckout", wanted, "checkout { problems { code } }")
        return {one["code"] for one in made["checkout"]["problems"]}

    async def buying(self) -> dict[str, list[str]]:
        """Return the refusals of each way to get something new, by mutation."""
        free = self.clinic.at(15)
        wanted: dict[str, dict[str, Any]] = {
            "claimOffer": self.claim(),
            "addToCart": {"variantId": gid(self.variant), "quantity": 1, **keyed()},
            "holdTickets": tickets_input(self.date, (self.kind, 1)),
            "holdBooking": hold_input(self.clinic.visit, free, self.clinic.ravi),
            "confirmBooking": {"bookingId": gid(self.held)},
            "startConversation": {"vendorId": gid(self.vendor), "subjectId": gid(self.visit)},
        }
        other = self.api.signed_in(await self.world.user())  # a user has one hold of a date
        return {
            name: await (other if name == "holdTickets" else self.client).refusal_codes(name, one)
            for name, one in wanted.items()
        }

    async def selling(self) -> dict[str, list[str]]:
        """Return the refusals of each way in which a member sells something, by mutation."""
        sale = tickets_input(self.date, (self.kind, 1), paid="CASH")
        wanted: dict[str, dict[str, Any]] = {
            "approveBooking": {"bookingId": gid(self.asked)},
            "sellAtDesk": sale,
            "requestPayout": {"vendorId": gid(self.vendor), **keyed()},
        }
        return {name: await self.owner.refusal_codes(name, one) for name, one in wanted.items()}
