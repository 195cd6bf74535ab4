"""Anything by its id, through its door."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry
from strawberry import relay

from core.errors import BadInput
from core.keyset import MOST
from dataloaders.api_tokens import visible_api_token
from dataloaders.chat import visible_conversation, visible_message, visible_report
from dataloaders.desk import visible_canned_reply
from dataloaders.identity import visible_user
from dataloaders.notifications import visible_delivery, visible_device, visible_notification
from dataloaders.offers import visible_offer
from dataloaders.redemptions import visible_redemption, visible_voucher
from dataloaders.uploads import visible_upload
from dataloaders.vendors import category_by_id, visible_vendor
from engine.arguments import NodeId
from engine.context import Info
from engine.loaders import Loader
from engine.types import Rows, decode_id, field
from schema.chat.conversations import Conversation
from schema.chat.desk import CannedReply
from schema.chat.messages import Message
from schema.chat.reports import MessageReport
from schema.identity.api_tokens import ApiToken
from schema.identity.types import User
from schema.notifications.deliveries import Delivery
from schema.notifications.devices import Device
from schema.notifications.inbox import Notification
from schema.offers.types import Offer
from schema.redemptions.types import Redemption, Voucher
from schema.uploads.types import Upload
from schema.vendors.types import Category, Vendor

DOORS: Mapping[type[Rows[Any]], Loader[Any, Any]] = {
    ApiToken: visible_api_token,
    CannedReply: visible_canned_reply,
    Category: category_by_id,
    Conversation: visible_conversation,
    Delivery: visible_delivery,
    Device: visible_device,
    Message: visible_message,
    MessageReport: visible_report,
    Notification: visible_notification,
    Offer: visible_offer,
    Redemption: visible_redemption,
    Upload: visible_upload,
    User: visible_user,
    Vendor: visible_vendor,
    Voucher: visible_voucher,
}
TYPES = {type_.__name__: type_ for type_ in DOORS}


@strawberry.type
class NodeQuery:
    """The Relay root."""

    @field("Anything by its id; null if there is none that the viewer may see.")
    async def node(self, info: Info, id: NodeId) -> relay.Node | None:
        found: relay.Node | None = await _load(info, id)
        return found

    @field(
        "Up to 100 things by their ids, in that order, null for what cannot be seen.",
        sized_by="ids",
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[relay.GlobalID], strawberry.argument(description="Their global ids, at most 100.")
        ],
    ) -> list[relay.Node | None]:
        if len(ids) > MOST:
            raise BadInput("Request at most {most} ids at once.", most=MOST)
        return [_load(info, id) for id in ids]


def _load(info: Info, id: NodeId) -> Any:
    type_ = TYPES.get(id.type_name)
    if type_ is None:
        raise BadInput("This is not a valid id.")
    return info.context.loaders[DOORS[type_]].load(decode_id(id, type_))
