"""A vendor that the public sees, a row of every type, and the callers."""

from dataclasses import dataclass, field
from typing import Any

from sqlmodel import SQLModel, col, select

from core.clock import now
from core.security.random_secrets import hash_secret
from models.catalog.products import ProductState
from models.events.events import EventState
from models.identity.accounts import User, UserSession
from models.notifications.deliveries import DeliveryState
from models.scopes import ApiScope
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid, unknown
from tests.factories.world import World
from tests.resolvers.scene import Scene
from tests.resolvers.test_node import rows

ANONYMOUS, CUSTOMER, OTHER, RIVAL, ADMIN = PEOPLE = (
    "Anonymous",
    "Customer",
    "Other customer",
    "Other vendor",
    "Admin",
)
MEMBERS = tuple(role.value for role in MemberRole)
SCANNER_KEY = "the key of the scanner"
RECEIVED_GIFT, RECEIVED_TRANSFER = "a gift to the customer", "a transfer to the customer"
# An admin who is also a member of the vendors of the rows, in the lowest role.
SCANNING_ADMIN = "Scanning admin"
# In the order of the columns.
CALLERS = (ANONYMOUS, CUSTOMER, OTHER, *MEMBERS, RIVAL, ADMIN)


@dataclass(frozen=True)
class MatrixStage:
    """Rows by the name of their type, and users by the name of their column."""

    world: World
    rows: dict[str, SQLModel]
    users: dict[str, User]
    _secrets: dict[tuple[str, frozenset[ApiScope]], str] = field(default_factory=dict)

    @classmethod
    async def make(cls, world: World) -> "MatrixStage":
        scene = await _public_scene(world)
        made = await rows(scene)
        await _publish(world, made)
        made |= {"Vendor": scene.vendor, "Voucher": scene.voucher}
        users = {
            CUSTOMER: scene.customer,
            OTHER: await world.user(),
            RIVAL: scene.stranger,
            ADMIN: scene.admin,
            MemberRole.OWNER.value: scene.owner,
        }
        for role in MemberRole:
            if role is not MemberRole.OWNER:
                users[role.value] = await world.user()
                await world.member(scene.vendor, users[role.value], role)
        users[SCANNING_ADMIN] = await world.admin()
        async with world.database.session() as session:
            vendors = (await session.exec(select(Vendor))).all()
        for vendor in vendors:
            await world.member(vendor, users[SCANNING_ADMIN], MemberRole.SCANNER)
        await _give(scene, made)
        await _complete(world, made)
        await _prove_factors(world)
        return cls(world, made, users)

    def id_of(self, type_name: str) -> str:
        """Return the global id of the type's row, or one that is unknown."""
        row = self.rows.get(type_name)
        return gid(row, type_name) if row else unknown(type_name)

    def clients(self, api: Client) -> dict[str, Client]:
        return {
            name: api if name == ANONYMOUS else api.signed_in(self.users[name]) for name in CALLERS
        }

    async def program(self, api: Client, name: str, scopes: set[ApiScope]) -> Client:
        """Return a client with an API token of a user, which has these scopes."""
        key = (name, frozenset(scopes))
        if key not in self._secrets:
            _, self._secrets[key] = await self.world.api_token(
                self.users[name], *sorted(scopes), last_used_at=now()
            )
        return api.bearing(self._secrets[key])


async def _public_scene(world: World) -> Scene:
    owner, customer, stranger = [await world.user() for _ in range(3)]
    await world.vendor(stranger)
    vendor = await world.vendor(owner)
    offer = await world.offer(vendor)
    voucher = await world.voucher(offer, customer)
    return Scene(world, owner, customer, await world.admin(), stranger, vendor, offer, voucher)


async def _publish(world: World, made: dict[str, Any]) -> None:
    """Publish what the domains made as drafts, and complete what they made by itself."""
    product, event = made["Product"], made["Event"]
    product.state, product.published_at = ProductState.PUBLISHED, now()
    event.state, event.published_at = EventState.PUBLISHED, now()
    booking, scanner = made["Booking"], made["Scanner"]
    booking.series_id, booking.number = made["BookingSeries"].id, 0
    scanner.key_hash = hash_secret(SCANNER_KEY)
    await world.save(product, event, booking, scanner)


async def _give(scene: Scene, made: dict[str, Any]) -> None:
    """Give the customer a voucher and a ticket, beside those that the customer has given away."""
    world, giver = scene.world, await scene.world.user()
    voucher = await world.voucher(scene.offer, giver)
    ticket = await world.ticket(giver, made["EventDate"], made["TicketType"], made["TicketQuota"])
    made[RECEIVED_GIFT] = await world.voucher_gift(voucher, to=scene.customer)
    made[RECEIVED_TRANSFER] = await world.ticket_transfer(ticket, scene.customer)


async def _complete(world: World, made: dict[str, Any]) -> None:
    """Let a message have failed, and a question be of the service that was booked."""
    delivery, question, booking = made["Delivery"], made["ServiceQuestion"], made["Booking"]
    question.service_id = booking.service_id
    delivery.complete(DeliveryState.FAILED)
    await world.save(delivery, question)


async def _prove_factors(world: World) -> None:
    """Let all sessions be those of users who have just used their second factor."""
    async with world.database.session() as session, session.begin():
        for one in await session.exec(
            select(UserSession).where(col(UserSession.ended_at).is_(None))
        ):
            one.factor_at = now()
