"""Anything by its id, if the viewer may see it."""

from typing import Any
from uuid import UUID

import pytest
from strawberry.relay import to_base64

from engine.types import Rows
from models.audit import AuditAct
from models.chat.conversations import Conversation, Side
from models.chat.messages import Message
from models.chat.reports import MessageReport, ReportReason
from models.notifications.deliveries import Delivery
from models.notifications.inbox import Channel
from models.offers.offers import OfferState
from models.vendors import VendorStatus
from services.audit.entries import build_entry
from services.viewer import ANONYMOUS
from tests.client import Client, gid, unknown
from tests.factories.chat import canned_replies
from tests.factories.world import World

NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"


class NodeRows:
    """A row of every Node type, and the users who may and may not see them."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def make(self) -> "NodeRows":
        world = self.world
        self.owner, self.customer = await world.user(), await world.user()
        self.stranger, self.admin = await world.user(), await world.admin()
        await world.vendor(self.stranger)
        vendor = await world.vendor(self.owner, status=VendorStatus.PENDING)
        offer = await world.offer(vendor, state=OfferState.DRAFT)
        voucher = await world.voucher(offer, self.customer)
        attempt = await world.redemption(vendor, voucher)
        (reply,) = await canned_replies(world, vendor, "Thanks")
        conversation = Conversation(
            user_id=self.customer.id, vendor_id=vendor.id, last_sequence=1, user_messages=1
        )
        message = Message(
            conversation_id=conversation.id,
            sequence=1,
            side=Side.USER,
            sender_id=self.customer.id,
            client_message_id="1",
            text="Hello",
            user_messages=1,
        )
        report = MessageReport(
            message_id=message.id,
            conversation_id=conversation.id,
            reporter_id=self.owner.id,
            reason=ReportReason.SPAM,
        )
        await world.save(conversation, message, report)
        notification = await world.notification(self.customer)
        delivery = Delivery(notification_id=notification.id, channel=Channel.MAIL)
        await world.save(delivery)
        token, _ = await world.api_token(self.customer)
        entry = build_entry(ANONYMOUS, AuditAct.LOG_OUT)
        await world.save(entry)
        self.rows = {
            "Conversation": conversation,
            "Message": message,
            "MessageReport": report,
            "Vendor": vendor,
            "Offer": offer,
            "Voucher": voucher,
            "Redemption": attempt,
            "User": self.customer,
            "CannedReply": reply,
            "Upload": await world.upload(self.customer),
            "Notification": notification,
            "Device": await world.device(self.customer),
            "Delivery": delivery,
            "ApiToken": token,
            "AuditEntry": entry,
        }
        return self


@pytest.fixture
async def hidden(world: World) -> NodeRows:
    return await NodeRows(world).make()


OF_THE_PLATFORM = [
    "ApiToken",
    "AuditEntry",
    "CannedReply",
    "Conversation",
    "Delivery",
    "Device",
    "Message",
    "MessageReport",
    "Notification",
    "Offer",
    "Redemption",
    "User",
    "Vendor",
    "Voucher",
]
ADMINS = {"AuditEntry", "Delivery"}
PRIVATE = [*OF_THE_PLATFORM, "Upload"]


def test_node_types_are_all_private_here_or_public() -> None:
    assert set(Rows.nodes) == {*PRIVATE, "Category"}


@pytest.mark.parametrize("type_name", PRIVATE)
async def test_node_that_the_viewer_may_not_see(
    hidden: NodeRows, api: Client, type_name: str
) -> None:
    id = gid(hidden.rows[type_name])
    for client in (api, api.signed_in(hidden.stranger)):
        assert await client.ask(NODE, id=id) == {"node": None}


@pytest.mark.parametrize("type_name", OF_THE_PLATFORM)
async def test_node_that_an_admin_sees(hidden: NodeRows, api: Client, type_name: str) -> None:
    id = gid(hidden.rows[type_name])
    node = {"__typename": type_name, "id": id}
    assert await api.signed_in(hidden.admin).ask(NODE, id=id) == {"node": node}


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("owner", {*OF_THE_PLATFORM} - ADMINS - {"ApiToken", "Device", "Notification"}),
        ("customer", {*PRIVATE} - ADMINS - {"CannedReply", "MessageReport", "Offer", "Vendor"}),
    ],
)
async def test_node_that_is_ones_own(
    hidden: NodeRows, api: Client, who: str, seen: set[str]
) -> None:
    client = api.signed_in(getattr(hidden, who))
    ids = [gid(row) for row in hidden.rows.values()]
    found = (await client.ask(NODES, ids=ids))["nodes"]
    assert {name for name, node in zip(hidden.rows, found, strict=True) if node} == seen


async def test_node_of_the_public_kind(world: World, api: Client) -> None:
    category = await world.category()
    node = {"__typename": "Category", "id": gid(category)}
    assert await api.ask(NODE, id=gid(category)) == {"node": node}


async def test_node_hides_secret_fields(hidden: NodeRows, api: Client) -> None:
    query = "query ($id: ID!) { node(id: $id) { ... on Voucher { code token qrSvg qrPng } } }"
    id = gid(hidden.rows["Voucher"])
    for user in (hidden.owner, hidden.admin):
        node = (await api.signed_in(user).ask(query, id=id))["node"]
        assert set(node.values()) == {None}
    node = (await api.signed_in(hidden.customer).ask(query, id=id))["node"]
    assert None not in node.values()


async def test_node_of_an_unknown_id(world: World, api: Client) -> None:
    client = api.signed_in(await world.admin())
    for type_name in Rows.nodes:
        assert await client.ask(NODE, id=unknown(type_name)) == {"node": None}


BAD_IDS: list[Any] = [
    "garbage",
    "",
    to_base64("Offer", "1"),
    unknown("Wallet"),
    unknown("RefreshToken"),
    str(UUID(int=1)),
    1,
]


@pytest.mark.parametrize("id", BAD_IDS)
async def test_node_by_an_id_that_is_none(world: World, api: Client, id: Any) -> None:
    assert await api.failed(NODE, id=id) == ["BAD_USER_INPUT"]


async def test_nodes_keep_their_order(world: World, api: Client) -> None:
    vendor, category = await world.vendor(), await world.category()
    offer = await world.offer(vendor)
    secret = await world.offer(vendor, state=OfferState.DRAFT)
    asked = [gid(row) for row in (offer, secret, category, vendor, offer)]
    found = (await api.ask(NODES, ids=asked))["nodes"]
    expected = [asked[0], None, *asked[2:]]
    assert [node and node["id"] for node in found] == expected


@pytest.mark.parametrize("bad", ["bad", "", unknown("Wallet"), "VmVuZG9yOjE=", "\U0001f600"])
async def test_nodes_with_a_malformed_id_are_null_in_its_place(
    world: World, api: Client, bad: str
) -> None:
    good = gid(await world.category())
    answer = await api.send(NODES, ids=[good, bad, good])
    assert answer["data"] == {"nodes": [{"id": good}, None, {"id": good}]}
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["path"]) == ("BAD_USER_INPUT", ["nodes", 1])


async def test_nodes_up_to_a_hundred(world: World, api: Client) -> None:
    id = gid(await world.category())
    assert len((await api.ask(NODES, ids=[id] * 100))["nodes"]) == 100
    assert await api.failed(NODES, ids=[id] * 101) == ["BAD_USER_INPUT"]
    assert await api.ask(NODES, ids=[]) == {"nodes": []}
