"""Shoppers who claim, book, order and enter while services fail, each act once."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any, Self

import httpx

from core.clock import now
from core.ids import new_id
from core.security.signing_keys import SigningKeys
from models.identity.accounts import User
from tests.client import Client, gid
from tests.factories.world import World
from tests.soak.scale import Scale
from tests.soak.town import FreeEntry, Town

TOKEN_MINUTES = 120
ATTEMPT_SECONDS = 15  # of a request
MOST_ATTEMPTS = 60  # of an act: longer than any failure
STARTS_A_DAY = 18
SEQ = count(1)
TOTAL = "checkout { id totals { total { amountMinor } } }"
ADDRESS = {
    "country": "IN",
    "recipient": "Asha Rao",
    "streetLines": ["12 MG Road"],
    "city": "Bengaluru",
    "subdivision": "Karnataka",
    "postalCode": "560001",
}
TICKETS = "query ($dates: [ID!]) { tickets(eventDateIds: $dates, first: 1) { nodes { id token } } }"


@dataclass(frozen=True)
class Acknowledged:
    """An object and the state that a server has answered with."""

    kind: str
    id: str
    state: str


class NotAnswered(Exception):
    """No server answered an act in time, so its outcome is not known."""


@dataclass
class SoakCustomer:
    """A customer in a town, with a client of each server."""

    town: Town
    user: User
    servers: Sequence[Client]
    chance: Random
    forgets: bool = False  # its keys: each repetition is another act, which the comparison finds
    done: dict[str, Acknowledged] = field(default_factory=dict)
    counted: Counter[str] = field(default_factory=Counter)

    async def shop(self, until: asyncio.Event, pause: float) -> None:
        """Act again and again, until that is set. Acts that have begun are ended."""
        acts: list[Callable[[], Awaitable[None]]] = [self.claim, self.book, self.enter, self.order]
        while not until.is_set():
            act = self.chance.choice(acts)
            try:
                await act()
            except NotAnswered:
                self.counted[f"not answered: {act.__name__}"] += 1
            with suppress(TimeoutError):
                wait = self.chance.expovariate(1 / pause)
                await asyncio.wait_for(until.wait(), min(wait, 5 * pause))

    async def claim(self) -> None:
        """Claim an offer, and perhaps redeem the voucher."""
        offer = self.chance.choice(self.town.offers)
        fields = "voucher { id token state }"
        voucher = (await self._do("claimOffer", fields, {"offerId": gid(offer)})).get("voucher")
        if voucher is None:
            return
        self._note("voucher", voucher["id"], voucher["state"])
        if self.chance.random() < 0.5:
            given = {"vendorId": gid(self.town.clinic.vendor), "token": voucher["token"]}
            redeemed = await self._do("redeemVoucher", fields, given, by=self.town.member)
            if shown := redeemed.get("voucher"):
                self._note("voucher", shown["id"], shown["state"])

    async def book(self) -> None:
        """Hold a time, confirm it, and perhaps cancel it, so that others can have it."""
        clinic = self.town.clinic
        place = self.chance.randrange(STARTS_A_DAY * 20)
        start = clinic.at(9, ahead=2 + place // STARTS_A_DAY)
        start += timedelta(minutes=30 * (place % STARTS_A_DAY))
        given = {"serviceId": gid(clinic.visit), "startsAt": start.isoformat()}
        fields = "booking { id bookingState }"
        held = (await self._do("holdBooking", fields, given)).get("booking")
        steps = ["confirmBooking", "cancelBooking"] if self.chance.random() < 0.8 else []
        while held:
            self._note("booking", held["id"], held["bookingState"])
            if not steps:
                return
            name = steps.pop(0)
            given = {"bookingId": held["id"]}
            held = (await self._do(name, fields, given, keyed=name == "cancelBooking")).get(
                "booking"
            )

    async def enter(self) -> None:
        """Hold a free ticket, order it, and show it at the door."""
        hall = self.chance.choice(self.town.halls)
        lines = [{"ticketTypeId": gid(hall.kind), "quantity": 1}]
        given: dict[str, Any] = {"eventDateId": gid(hall.date), "lines": lines}
        hold = (await self._do("holdTickets", "hold { id }", given)).get("hold")
        if hold and await self._order(holdIds=[hold["id"]]):
            await self._check_in(hall)

    async def order(self) -> None:
        """Order goods, and perhaps cancel the order."""
        given: dict[str, Any] = {"variantId": gid(self.town.variant), "quantity": 1}
        cart = (await self._do("addToCart", "cart { id }", given)).get("cart")
        order_id = cart and await self._order(cartId=cart["id"])
        if order_id:
            fields = "order { id state }"
            ended = (await self._do("cancelOrder", fields, {"orderId": order_id})).get("order")
            if ended:
                self._note("order", ended["id"], ended["state"])
                self.counted["order of goods cancelled"] += 1

    async def _order(self, **items: Any) -> str | None:
        given = {"currency": "INR", **items}
        checkout = (await self._do("createCheckout", TOTAL, given, keyed=False)).get("checkout")
        if checkout is None or checkout["totals"] is None:
            return None
        if "cartId" in items:
            where = {"checkoutId": checkout["id"], "billTo": {"address": ADDRESS}}
            await self._do("setCheckoutAddress", "checkout { id }", where, keyed=False)
        total = checkout["totals"]["total"]["amountMinor"]
        given = {"checkoutId": checkout["id"], "expectedTotalMinor": total, "provider": "MANUAL"}
        order = (await self._do("placeOrder", "order { id state }", given)).get("order")
        if order is None:
            return None
        self._note("order", order["id"], order["state"])
        return str(order["id"])

    async def _check_in(self, hall: FreeEntry) -> None:
        found = await self._ask(TICKETS, dates=[gid(hall.date)])
        for ticket in found["tickets"]["nodes"]:
            given = {
                "listId": gid(hall.door),
                "scannerKey": self.town.scanner_key,
                "scanId": str(new_id()),
                "seq": next(SEQ),
                "scannedAt": now().isoformat(),
                "token": ticket["token"],
            }
            fields = "scan { id scanOutcome }"
            scan = (await self._do("checkIn", fields, given, by=self.town.member, keyed=False)).get(
                "scan"
            )
            if scan:
                self._note("scan", scan["id"], scan["scanOutcome"])

    def _note(self, kind: str, id: str, state: str) -> None:
        self.done[id] = Acknowledged(kind, id, state)
        self.counted[kind] += 1

    async def _do(
        self,
        name: str,
        fields: str,
        given: dict[str, Any],
        *,
        by: User | None = None,
        keyed: bool = True,
    ) -> dict[str, Any]:
        """Repeat a mutation with its key, at any server, until it is answered."""
        given = dict(given)
        if keyed:
            given["idempotencyKey"] = str(new_id())
        if keyed and self.forgets:
            await self._answer(lambda client: client.do(name, given, fields), by)
            given["idempotencyKey"] = str(new_id())
        return await self._answer(lambda client: client.do(name, given, fields), by)

    async def _ask(self, query: str, **variables: Any) -> dict[str, Any]:
        return await self._answer(lambda client: client.ask(query, **variables), None)

    async def _answer(
        self, send: Callable[[Client], Awaitable[dict[str, Any]]], by: User | None
    ) -> dict[str, Any]:
        for _ in range(MOST_ATTEMPTS):
            client = self.chance.choice(self.servers).signed_in(by or self.user, TOKEN_MINUTES)
            with suppress(httpx.HTTPError, ValueError, AssertionError, KeyError):
                return await send(client)
            self.counted["repeated"] += 1
            await asyncio.sleep(self.chance.uniform(0.2, 1.0))
        raise NotAnswered


@dataclass
class Shoppers:
    """All shoppers, until they stop."""

    people: list[SoakCustomer]
    closing: AsyncExitStack
    stopping: asyncio.Event
    running: asyncio.Future[list[None]] | None = None

    @classmethod
    async def gather(
        cls,
        world: World,
        urls: Sequence[str],
        keys: SigningKeys,
        scale: Scale,
    ) -> Self:
        """Open a town, and create its shoppers."""
        closing, servers = AsyncExitStack(), []
        for url in urls:
            base = url.removesuffix("/graphql")
            http = httpx.AsyncClient(base_url=base, timeout=ATTEMPT_SECONDS)
            servers.append(Client(await closing.enter_async_context(http), keys))
        town = await Town.open(world, scale.minutes)
        chances = [Random(f"{scale.seed} {one}") for one in range(scale.shoppers)]
        people = [
            SoakCustomer(town, await world.user(), servers, chance, scale.forgets)
            for chance in chances
        ]
        return cls(people, closing, asyncio.Event())

    def start(self, pause: float) -> None:
        shopping = [one.shop(self.stopping, pause) for one in self.people]
        self.running = asyncio.ensure_future(asyncio.gather(*shopping))

    async def stop(self) -> None:
        """Stop once all that has begun is answered."""
        self.stopping.set()
        if self.running:
            await self.running
        await self.closing.aclose()

    @property
    def counted(self) -> Counter[str]:
        return sum((one.counted for one in self.people), Counter())
