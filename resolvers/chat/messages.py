"""Messages: sent, edited, taken back, reported."""

from typing import Annotated

import strawberry

from core.errors import NotAllowed
from core.keyset import Window
from engine.arguments import After, Before, First, Last
from engine.connections import Connection
from engine.context import Info
from engine.errors import mutation
from engine.types import decode_id, field
from models.chat.messages import MessageEdit
from models.chat.reports import ReportDraft
from models.validation import parse
from schema.chat.conversations import Conversation
from schema.chat.message_steps import (
    DeleteMessageInput,
    DeleteMessagePayload,
    EditMessageInput,
    EditMessagePayload,
    SendMessageInput,
    SendMessagePayload,
)
from schema.chat.messages import Message
from schema.chat.reports import (
    MessageReport,
    ReportMessageInput,
    ReportMessagePayload,
    ResolveReportInput,
    ResolveReportPayload,
)
from services.chat import messages, reports


@strawberry.type
class MessageQuery:
    """What admins look at."""

    @field("Reported messages, the latest first. For admins only.")
    async def reports(
        self,
        info: Info,
        resolved: Annotated[
            bool | None,
            strawberry.argument(description="Whether an admin has seen to it; absent: either."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[MessageReport]:
        viewer = info.context.viewer
        if viewer.require_user() and not viewer.admin:
            raise NotAllowed("Only admins can see reported messages.")
        listed = reports.list_reports(viewer, resolved=resolved)
        return await Connection.fetch(info, *listed, Window(first, after, last, before))


@strawberry.type
class MessageMutation:
    """Those who take part write, and report each other; admins see to it."""

    @mutation("Say something. An archived conversation is opened by it.")
    async def send_message(self, info: Info, input: SendMessageInput) -> SendMessagePayload:
        conversation_id, viewer = (
            decode_id(input.conversation_id, Conversation),
            info.context.viewer,
        )
        async with info.context.transaction(hot_row=conversation_id) as session:
            message = await messages.send_message(
                session,
                viewer,
                conversation_id=conversation_id,
                draft=input.draft(),
                notify_after=info.context.app.settings.notify_after,
            )
        await info.context.app.typing.set(conversation_id, viewer.require_user(), typing=False)
        return SendMessagePayload(message=Message.of(message))

    @mutation("Say it otherwise, within fifteen minutes of sending it.")
    async def edit_message(self, info: Info, input: EditMessageInput) -> EditMessagePayload:
        async with info.context.transaction() as session:
            message = await messages.edit_message(
                session,
                info.context.viewer,
                message_id=decode_id(input.message_id, Message),
                edit=parse(MessageEdit, text=input.text),
            )
        return EditMessagePayload(message=Message.of(message))

    @mutation("Take a message back, within fifteen minutes of sending it. Its place stays.")
    async def delete_message(self, info: Info, input: DeleteMessageInput) -> DeleteMessagePayload:
        async with info.context.transaction() as session:
            message = await messages.delete_message(
                session, info.context.viewer, message_id=decode_id(input.message_id, Message)
            )
        return DeleteMessagePayload(message=Message.of(message))

    @mutation("Have an admin look at what somebody else has said.")
    async def report_message(self, info: Info, input: ReportMessageInput) -> ReportMessagePayload:
        async with info.context.transaction() as session:
            report = await reports.report_message(
                session,
                info.context.viewer,
                message_id=decode_id(input.message_id, Message),
                draft=parse(ReportDraft, reason=input.reason, note=input.note),
            )
        return ReportMessagePayload(report=MessageReport.of(report))

    @mutation("Note that one has seen to a report. For admins only.")
    async def resolve_report(self, info: Info, input: ResolveReportInput) -> ResolveReportPayload:
        async with info.context.transaction() as session:
            report = await reports.resolve_report(
                session, info.context.viewer, report_id=decode_id(input.report_id, MessageReport)
            )
        return ResolveReportPayload(report=MessageReport.of(report))
