"""The hours in which vendors answer in the chat."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models import vendors
from models.errors import InvalidInput, NotFound
from schema.chat.inputs import SaveChatHoursInput
from schema.vendors.types import Vendor
from services.chat import hours


@strawberry.type
class ChatHoursMutation:
    @mutation(vendor=Vendor, raises=(InvalidInput, NotFound), repeatable="sets values")
    async def save_chat_hours(self, info: Info, input: SaveChatHoursInput) -> vendors.Vendor:
        """Set the hours in which a vendor answers. Requires the MANAGER or OWNER role."""
        async with info.context.transaction() as session:
            return await hours.save_chat_hours(
                session,
                info.context.viewer,
                vendor_id=input.vendor_id,
                hours=input.hours(),
            )
