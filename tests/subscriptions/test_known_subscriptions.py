"""A subscription starts the same, whether its document was validated before or just now."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.settings import Settings
from engine.limits.document_limits import MAX_VALUES
from engine.limits.extension import MAX_EVENT_COST
from engine.live.group_registry import GroupRegistry
from engine.live.operation_key import OperationKey
from engine.live.sources import AcceptedSubscription
from engine.live.subscriber import Subscriber
from engine.strawberry_internals import graphql_schema
from models.scopes import ApiScope
from tests.client import gid
from tests.factories.chat import Chat
from tests.factories.world import World
from tests.subscriptions.conftest import AT_THE_TILL, OF_A_VOUCHER, Shop
from tests.subscriptions.in_process_server import InProcessServer, serve_in_process
from tests.subscriptions.websocket_client import WebSocketClient
from tests.web.short_path.exchange import Observer, counters
from web.graphql import known_subscriptions

CONVERSATION = """subscription ($id: ID!, $with: Boolean! = true) {
  conversationChanges(conversationId: $id) {
    __typename ... on Change @include(if: $with) { cursor }
  }
}"""
INBOX = (
    "subscription { ...Inbox } fragment Inbox on Subscription { mine: inboxChanges { __typename } }"
)
TYPING = """subscription A($id: ID!) { typing(conversationId: $id) { users { id } } }
subscription B($id: ID!) { typing(conversationId: $id) { users { name } } }"""
PRESENCE = "subscription ($ids: [ID!]!) { presence(userIds: $ids) { online } }"
DEAR = """subscription ($id: ID!, $first: Int!) {
  conversationChanges(conversationId: $id) { ... on MessageSent { message { conversation { vendor {
    offers(first: $first) { vendor { offers(first: 1) { id } } }
  } } } } }
}"""
MEMBERS = "subscription ($vendorId: ID!) { memberChanges(vendorId: $vendorId) { __typename } }"
STATUS = "subscription ($vendorId: ID!) { vendorStatusChanges(vendorId: $vendorId) { cursor } }"
PICTURES = "subscription { pictureChanges { cursor } }"
PRODUCTS = "subscription ($vendorId: ID!) { productChanges(vendorId: $vendorId) { cursor } }"
IMPORTS = "subscription ($id: ID!) { productImportChanges(vendorId: $id) { cursor } }"
OFFERS = "subscription ($id: ID!) { offerImportChanges(vendorId: $id) { cursor } }"
STOCK = "subscription ($vendorId: ID!) { stockChanges(vendorId: $vendorId) { cursor } }"
WALLET = "subscription { walletChanges { cursor } }"
VENDOR_WALLET = """subscription ($vendorId: ID!) {
  vendorWalletChanges(vendorId: $vendorId) { cursor }
}"""
CART = "subscription { cartChanges { cursor } }"
ORDER = "subscription { orderChanges { cursor } }"
ORDERS = "subscription ($vendorId: ID!) { vendorOrderChanges(vendorId: $vendorId) { cursor } }"
PAYOUTS = "subscription ($vendorId: ID!) { payoutChanges(vendorId: $vendorId) { cursor } }"
FRAUD = "subscription ($vendorId: ID!) { fraudCaseChanges(vendorId: $vendorId) { cursor } }"
DISPUTES = "subscription ($vendorId: ID!) { disputeChanges(vendorId: $vendorId) { cursor } }"
PURCHASE = "subscription { purchaseChanges { cursor } }"
PURCHASES = """subscription ($vendorId: ID!) {
  vendorPurchaseChanges(vendorId: $vendorId) { cursor }
}"""
INVOICES = "subscription { invoiceChanges { cursor } }"
VENDOR_INVOICES = """subscription ($vendorId: ID!) {
  vendorInvoiceChanges(vendorId: $vendorId) { cursor }
}"""
PACKS = "subscription ($vendorId: ID!) { packBalanceChanges(vendorId: $vendorId) { cursor } }"
TICKETS = "subscription { ticketChanges { cursor } }"
APPLICATIONS = "subscription { vendorApplicationChanges { __typename } }"
CHECK_IN = "subscription ($listId: ID!) { checkInChanges(listId: $listId) { cursor } }"
SEATS = "subscription ($id: ID!) { seatMapChanges(eventDateId: $id) { cursor } }"
SALES = "subscription ($id: ID!) { salesChanges(eventDateId: $id) { cursor } }"
QUEUE = "subscription ($id: ID!) { saleQueueChanges(eventId: $id) { cursor } }"
AGENDA = "subscription ($vendorId: ID!) { agendaChanges(vendorId: $vendorId) { cursor } }"
SETUP = "subscription ($vendorId: ID!) { bookingSetupChanges(vendorId: $vendorId) { cursor } }"
AVAILABILITY = "subscription ($id: ID!) { availabilityChanges(serviceId: $id) { cursor } }"
OFFER = "subscription ($id: ID!) { offerChanges(offerId: $id) { cursor } }"
BOOKING = "subscription { bookingStatus { cursor } }"
WAITS = "subscription { bookingWaitChanges { cursor } }"
PETS = "subscription { petChanges { cursor } }"
ROOT_FIELDS = {
    *("conversationChanges", "inboxChanges", "typing", "presence"),
    *("redemptionStatus", "vendorRedemptions", "memberChanges"),
    *("vendorStatusChanges", "vendorApplicationChanges", "pictureChanges"),
    *("productChanges", "productImportChanges", "offerImportChanges", "stockChanges"),
    *("cartChanges", "orderChanges", "vendorOrderChanges"),
    *("walletChanges", "vendorWalletChanges"),
    *("payoutChanges", "disputeChanges", "purchaseChanges", "packBalanceChanges"),
    *("fraudCaseChanges", "offerChanges"),
    *("checkInChanges", "seatMapChanges", "salesChanges", "saleQueueChanges"),
    *("vendorPurchaseChanges", "invoiceChanges", "vendorInvoiceChanges"),
    *("ticketChanges", "agendaChanges", "availabilityChanges", "bookingSetupChanges"),
    *("bookingStatus", "bookingWaitChanges", "petChanges"),
}


@dataclass
class Start:
    """All that can be observed of the start of a subscription."""

    message: Any
    joined: list[Any]
    charged: list[Any]
    counted: dict[str, float]
    events: list[dict[str, Any]]


@dataclass
class Starts:
    """Starts subscriptions, which end as soon as they were accepted."""

    server: InProcessServer
    observer: Observer
    monkeypatch: pytest.MonkeyPatch
    joined: list[Any] = field(default_factory=list)
    known: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.monkeypatch.setattr(GroupRegistry, "join", self._join)
        start = known_subscriptions.start

        async def note(*given: Any) -> Any:
            errors = await start(*given)
            self.known.append(errors is not None)
            return errors

        self.monkeypatch.setattr(known_subscriptions, "start", note)

    async def compare(
        self,
        token: str,
        query: str,
        given: Mapping[str, Any],
        *,
        known: bool = True,
        name: str | None = None,
    ) -> Start:
        """Start a subscription both ways, and return what is the same."""
        asked = {"query": query, "variables": given, "operationName": name}
        full, found = await self.both(token, asked)
        assert self.known == [known]
        assert found == full
        return found

    async def both(self, token: str, asked: Mapping[str, Any]) -> tuple[Start, Start]:
        """Start it with the extensions of the schema, and without them."""
        with self.monkeypatch.context() as patched:
            patched.setattr(known_subscriptions, "find_known", lambda *_: None)
            await self._start(token, asked)  # which makes the document known
            full = await self._start(token, asked)
        self.known.clear()
        return full, await self._start(token, asked)

    async def _start(self, token: str, asked: Mapping[str, Any]) -> Start:
        async with WebSocketClient.connected(self.server.url, token, "de") as socket:
            self.joined, self.observer.charged, self.observer.events = [], [], []
            before = counters()
            await socket.send(type="subscribe", id="1", payload=asked)
            message = await socket.receive()
            after = counters()
        counted = {name: value - before.get(name, 0) for name, value in after.items()}
        counted = {name: value for name, value in counted.items() if value}
        return Start(message, self.joined, self.observer.charged, counted, self.observer.events)

    async def _join(
        self, subscriber: Subscriber, accepted: AcceptedSubscription, operation: OperationKey
    ) -> None:
        self.joined.append((accepted, operation, operation.text, operation.variables))
        subscriber.complete(None)


@pytest.fixture
async def starts(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Starts]:
    async with serve_in_process(settings) as server:
        yield Starts(server, Observer(monkeypatch), monkeypatch)


async def test_every_subscription_is_accepted_the_same(
    starts: Starts, shop: Shop, world: World
) -> None:
    chat = await Chat.open(world, shop.api)
    customer, member = shop.token(chat.customer), shop.token(chat.member)
    after, voucher = await shop.cursor(shop.topic), {"voucherId": gid(shop.voucher)}
    till: dict[str, Any] = {"vendorId": gid(shop.vendor)}
    date = await world.event_date(event := await world.event(shop.vendor))
    door = await world.check_in_list(date)
    service = await world.service(shop.vendor, await world.resource(shop.vendor))
    offer = await world.offer(shop.vendor)
    found = [
        await starts.compare(shop.token(shop.owner), AGENDA, till),
        await starts.compare(shop.token(shop.owner), SETUP, till),
        await starts.compare(customer, AVAILABILITY, {"id": gid(service)}),
        await starts.compare(customer, BOOKING, {}),
        await starts.compare(customer, WAITS, {}),
        await starts.compare(customer, PETS, {}),
        await starts.compare(shop.token(shop.owner), CHECK_IN, {"listId": gid(door)}),
        await starts.compare(customer, SEATS, {"id": gid(date)}),
        await starts.compare(shop.token(shop.owner), SALES, {"id": gid(date)}),
        await starts.compare(customer, QUEUE, {"id": gid(event)}),
        await starts.compare(customer, CONVERSATION, {"id": chat.id}),
        await starts.compare(customer, CONVERSATION, {"id": chat.id, "with": False}),
        await starts.compare(member, INBOX, {}),
        await starts.compare(customer, TYPING, {"id": chat.id}, name="B"),
        await starts.compare(member, PRESENCE, {"ids": [gid(chat.customer)]}),
        await starts.compare(shop.token(shop.customer), OF_A_VOUCHER, voucher),
        await starts.compare(shop.token(shop.owner), AT_THE_TILL, till | {"after": after}),
        await starts.compare(shop.token(shop.owner), AT_THE_TILL, till | {"after": None}),
        await starts.compare(shop.token(shop.owner), MEMBERS, till),
        await starts.compare(shop.token(shop.owner), STATUS, till),
        await starts.compare(shop.token(shop.owner), PRODUCTS, till),
        await starts.compare(shop.token(shop.owner), IMPORTS, {"id": gid(shop.vendor)}),
        await starts.compare(shop.token(shop.owner), OFFERS, {"id": gid(shop.vendor)}),
        await starts.compare(shop.token(shop.owner), STOCK, till),
        await starts.compare(customer, CART, {}),
        await starts.compare(customer, ORDER, {}),
        await starts.compare(shop.token(shop.owner), ORDERS, till),
        await starts.compare(customer, WALLET, {}),
        await starts.compare(shop.token(shop.owner), VENDOR_WALLET, till),
        await starts.compare(shop.token(shop.owner), PAYOUTS, till),
        await starts.compare(shop.token(shop.owner), DISPUTES, till),
        await starts.compare(shop.token(shop.owner), FRAUD, till),
        await starts.compare(customer, OFFER, {"id": gid(offer)}),
        await starts.compare(customer, PURCHASE, {}),
        await starts.compare(shop.token(shop.owner), PURCHASES, till),
        await starts.compare(customer, INVOICES, {}),
        await starts.compare(shop.token(shop.owner), VENDOR_INVOICES, till),
        await starts.compare(shop.token(shop.owner), PACKS, till),
        await starts.compare(shop.token(await world.admin()), APPLICATIONS, {}),
        await starts.compare(customer, PICTURES, {}),
        await starts.compare(customer, TICKETS, {}),
    ]
    for one in found:
        assert one.message == {"id": "1", "type": "complete"}
        assert len(one.joined) == len(one.charged) == len(one.events) == 1
    assert {one.events[0]["operation"] for one in found} >= ROOT_FIELDS - {"inboxChanges"}
    schema = graphql_schema(starts.server.endpoint.schema)
    assert schema.subscription_type
    assert set(schema.subscription_type.fields) == ROOT_FIELDS, "compare the new one, too"


async def test_every_refusal_is_the_same(starts: Starts, shop: Shop, world: World) -> None:
    stranger, chat = shop.token(await world.user()), await Chat.open(world, shop.api)
    till: dict[str, Any] = {"vendorId": gid(shop.vendor)}
    owner = shop.token(shop.owner)
    found = [
        await starts.compare(stranger, CONVERSATION, {"id": chat.id}),
        await starts.compare(stranger, PRESENCE, {"ids": []}),
        await starts.compare(stranger, OF_A_VOUCHER, {"voucherId": gid(shop.voucher)}),
        await starts.compare(stranger, AT_THE_TILL, till),
        await starts.compare(owner, AT_THE_TILL, {}),
        await starts.compare(owner, AT_THE_TILL, {"vendorId": None}),
        await starts.compare(owner, AT_THE_TILL, {"vendorId": "nonsense"}),
        await starts.compare(owner, AT_THE_TILL, till | {"after": "nonsense"}),
        await starts.compare(owner, AT_THE_TILL, till | {"after": 7}),
    ]
    for one in found:
        assert one.message["type"] == "error"
        assert one.joined == []
        assert len(one.charged) == len(one.events) == 1


async def test_what_is_refused_before_the_charge_takes_the_other_way(
    starts: Starts, shop: Shop, world: World
) -> None:
    till, owner = {"vendorId": gid(shop.vendor)}, shop.token(shop.owner)
    _, writing = await world.api_token(shop.owner, ApiScope.WRITE)
    many = {str(number): 1 for number in range(MAX_VALUES)}
    for token, query, given in (
        (writing, AT_THE_TILL, till),
        (owner, DEAR, {"id": "x", "first": MAX_EVENT_COST}),
        (owner, AT_THE_TILL, till | {"more": many}),
    ):
        found = await starts.compare(token, query, given, known=False)
        assert found.message["type"] == "error"
    starts.observer.poor = True
    full, found = await starts.both(owner, {"query": AT_THE_TILL, "variables": till})
    assert starts.known == [False]
    assert found.charged == full.charged * 2, "in vain, which takes nothing"
    assert (found.message, found.counted, found.events) == (full.message, full.counted, full.events)
    assert "RATE_LIMITED" in str(found.message)
