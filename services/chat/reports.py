"""Messages that somebody finds wrong, and the admins who look at them."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.keyset import Ordering
from models.chat.conversations import Conversation
from models.chat.messages import Message, MessageVersion
from models.chat.reports import MessageReport, ReportDraft
from models.errors import InvalidInput, NotFound
from services.chat.conversations import own
from services.viewer import Viewer


def visible_reports(viewer: Viewer) -> SelectOfScalar[MessageReport]:
    """All for an admin; for everybody else their own, of conversations they still take part in."""
    if viewer.admin:
        return select(MessageReport)
    mine = select(Conversation.id).where(own(viewer))
    return select(MessageReport).where(
        MessageReport.reporter_id == viewer.user_id, col(MessageReport.conversation_id).in_(mine)
    )


def visible_versions(viewer: Viewer) -> SelectOfScalar[MessageVersion]:
    """What reported messages said before; for admins alone."""
    reported = select(MessageReport.message_id)
    rows = select(MessageVersion).where(col(MessageVersion.message_id).in_(reported))
    return rows if viewer.admin else rows.where(False)


def list_reports(
    viewer: Viewer, *, resolved: bool | None = None
) -> tuple[SelectOfScalar[MessageReport], Ordering]:
    """What the viewer may see of them, the latest first."""
    rows = visible_reports(viewer)
    if resolved is not None:
        at = col(MessageReport.resolved_at)
        rows = rows.where(at.is_not(None) if resolved else at.is_(None))
    return rows, Ordering(
        "reports",
        MessageReport.created_at,
        MessageReport.id,
        datetime.fromisoformat,
        descending=True,
    )


async def report_message(
    session: AsyncSession, viewer: Viewer, *, message_id: UUID, draft: ReportDraft
) -> MessageReport:
    """Have an admin look at what the other side said. Once for each message and person."""
    viewer.require_user()
    rows = (
        select(Message)
        .join(Conversation, col(Conversation.id) == Message.conversation_id)
        .where(Message.id == message_id, own(viewer))
    )
    message = (await session.exec(rows)).first()
    if message is None:
        raise NotFound
    if message.sender_id in {None, viewer.require_user()}:
        raise InvalidInput("Report what somebody else has said.", field=["messageId"])
    report = MessageReport(
        message_id=message.id,
        conversation_id=message.conversation_id,
        reporter_id=viewer.require_user(),
        reason=draft.reason,
        note=draft.note,
    )
    session.add(report)
    return report


async def resolve_report(
    session: AsyncSession, viewer: Viewer, *, report_id: UUID
) -> MessageReport:
    """An admin has seen to it. Twice is no error."""
    viewer.require_user()
    if not viewer.admin:
        raise NotFound
    rows = select(MessageReport).where(MessageReport.id == report_id)
    report = (await session.exec(for_change(rows))).first()
    if report is None:
        raise NotFound
    if report.resolved_at is None:
        report.resolved_at, report.resolver_id = now(), viewer.require_user()
    return report
