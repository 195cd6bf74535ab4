"""Reports of messages, and the earlier versions of the messages."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.chat import message_by_id, versions_of_message, visible_report
from dataloaders.identity import user_by_id
from dataloaders.uploads import upload_by_id
from engine.context import Info
from engine.types import Rows, column, field, related, related_page
from models.chat import messages
from models.chat import reports as rows
from schema.chat.enums import ReportReason, VersionKind
from schema.chat.messages import Message
from schema.lazy import LazyUser
from schema.uploads.types import Upload


@strawberry.type(
    description="The text of a message until it was edited or deleted. Visible to admins, for"
    " reported messages."
)
class MessageVersion(Rows[messages.MessageVersion]):
    kind: VersionKind = column("The change that ended this version.")
    text: str = column("The text.")
    created_at: datetime = column("The time of the change.")


@strawberry.type(
    description="A report of a message. Visible to admins, and to its reporter while they take part"
    " in the conversation."
)
class MessageReport(Rows[rows.MessageReport], relay.Node, access=visible_report):
    id: relay.NodeID[UUID]
    reason: ReportReason = column("The reason for the report.")
    note: str = column("The reporter's note. May be empty.")
    created_at: datetime = column("The time of the report.")
    resolved_at: datetime | None = column("The time at which an admin resolved the report.")
    message: Message = related(message_by_id, by="message_id", description="The reported message.")
    reporter: LazyUser = related(user_by_id, by="reporter_id", description="The reporter.")
    resolver: LazyUser | None = related(
        user_by_id, by="resolver_id", description="The admin who resolved the report."
    )
    versions: list[MessageVersion] = related_page(
        versions_of_message,
        MessageVersion,
        "The message's earlier versions, newest first. Empty for everyone but admins.",
        by="message_id",
    )

    @field(
        "The message's image or file, even if it was deleted. Null for everyone but admins.",
        needs=("message_id",),
    )
    async def upload(root: strawberry.Parent[rows.MessageReport], info: Info) -> Upload | None:
        loaders = info.context.loaders
        message = await loaders[message_by_id].load(root.message_id)
        if not info.context.viewer.admin or message is None or message.upload_id is None:
            return None
        return Upload.wrap_optional(await loaders[upload_by_id].load(message.upload_id))
