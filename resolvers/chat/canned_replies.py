"""Canned replies of vendors."""

from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from engine.context import Info
from engine.ids import id_of, optional_id_of
from engine.mutation import mutation
from models.chat import canned_replies as rows
from models.errors import InvalidInput, NotFound
from models.validation import parse
from schema.chat.canned_replies import CannedReply
from schema.vendors.inputs import VendorId
from services.chat import canned_replies

Title = Annotated[
    str,
    strawberry.argument(description="The title, 1 to 80 characters, unique at the vendor."),
]
Text = Annotated[str, strawberry.argument(description="The text, 1 to 4,000 characters.")]
CannedReplyId = Annotated[UUID, id_of("CannedReply", "The canned reply's id.")]
ChangedReplyId = Annotated[
    UUID | None,
    optional_id_of("CannedReply", "The id of the canned reply to change. If omitted, creates one."),
]
DeletedId = Annotated[relay.GlobalID, "The id of the deleted canned reply."]


@strawberry.type
class CannedReplyMutation:
    @mutation(
        canned_reply=CannedReply,
        raises=(InvalidInput, NotFound, rows.CannedReplyLimitReached, rows.CannedReplyTitleTaken),
        repeatable="titles are unique at a vendor",
    )
    async def save_canned_reply(
        self,
        info: Info,
        vendor_id: VendorId,
        title: Title,
        text: Text,
        canned_reply_id: ChangedReplyId = None,
    ) -> rows.CannedReply:
        """Create or change a canned reply. Requires the vendor's STAFF role or higher."""
        async with info.context.transaction() as session:
            return await canned_replies.save_canned_reply(
                session,
                info.context.viewer,
                vendor_id=vendor_id,
                canned_reply_id=canned_reply_id,
                draft=parse(rows.CannedReplyDraft, title=title, text=text),
            )

    @mutation(deleted_id=DeletedId, raises=(NotFound,), repeatable="refuses a deleted reply")
    async def delete_canned_reply(
        self, info: Info, canned_reply_id: CannedReplyId
    ) -> relay.GlobalID:
        """Delete a canned reply. Requires the vendor's STAFF role or higher."""
        async with info.context.transaction() as session:
            await canned_replies.delete_canned_reply(
                session,
                info.context.viewer,
                canned_reply_id=canned_reply_id,
            )
        return relay.GlobalID("CannedReply", str(canned_reply_id))
