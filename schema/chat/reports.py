"""Messages that somebody finds wrong."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.chat import message_by_id, versions_of_message
from dataloaders.identity import user_by_id
from dataloaders.uploads import upload_by_id
from engine.context import Info
from engine.errors import Payload
from engine.types import Rows, column, field, related, related_page
from models.chat import reports as rows
from models.chat.messages import MessageVersion as VersionRow
from schema.chat.enums import ReportReason, VersionKind
from schema.chat.messages import Message
from schema.identity.types import User
from schema.uploads.types import Upload


@strawberry.type(description="What a message said until it was edited or deleted.")
class MessageVersion(Rows[VersionRow]):
    """For admins, of reported messages."""

    kind: VersionKind = column("What ended it.")
    text: str = column("What the message said.")
    created_at: datetime = column("When it ended.")


@strawberry.type(description="A message that somebody finds wrong, for an admin to look at.")
class MessageReport(Rows[rows.MessageReport], relay.Node):
    """For admins, and for whoever made it while they take part in the conversation."""

    id: relay.NodeID[UUID]
    reason: ReportReason = column("What is wrong with the message.")
    note: str = column("In the reporter's own words; may be empty.")
    created_at: datetime = column("When it was made.")
    resolved_at: datetime | None = column("When an admin had seen to it.")
    message: Message = related(message_by_id, by="message_id", description="What is reported.")
    reporter: User = related(user_by_id, by="reporter_id", description="Who reports it.")
    resolver: User | None = related(
        user_by_id, by="resolver_id", description="The admin who has seen to it."
    )
    versions: list[Annotated["MessageVersion", strawberry.lazy("schema.chat.reports")]] = (
        related_page(
            versions_of_message,
            Annotated["MessageVersion", strawberry.lazy("schema.chat.reports")],
            "What the message said before, the latest first. For admins only; else empty.",
            by="message_id",
        )
    )

    @field("The message's picture or file, also of a deleted one. For admins only; else null.")
    async def upload(root: strawberry.Parent[rows.MessageReport], info: Info) -> Upload | None:
        loaders = info.context.loaders
        message = await loaders[message_by_id].load(root.message_id)
        if not info.context.viewer.admin or message is None or message.upload_id is None:
            return None
        return Upload.maybe(await loaders[upload_by_id].load(message.upload_id))


@strawberry.input(description="Which message is wrong, and why.")
class ReportMessageInput:
    """What `reportMessage` takes."""

    message_id: relay.GlobalID = column("What somebody else has said.")
    reason: ReportReason = column("What is wrong with it.")
    note: str = strawberry.field(
        default="", description="In one's own words, at most 1,000 characters."
    )


@strawberry.type(description="The report, which an admin will look at.")
class ReportMessagePayload(Payload):
    """What `reportMessage` answers."""

    report: MessageReport | None = strawberry.field(default=None, description="The new report.")


@strawberry.input(description="Which report has been seen to.")
class ResolveReportInput:
    """What `resolveReport` takes."""

    report_id: relay.GlobalID = column("Which report.")


@strawberry.type(description="The report, seen to.")
class ResolveReportPayload(Payload):
    """What `resolveReport` answers."""

    report: MessageReport | None = strawberry.field(
        default=None, description="The report as it is now."
    )
