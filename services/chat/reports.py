"""Reports of messages, and their resolution."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.keyset import Listing, newest_first
from models.admins.suspensions import OwnAccount
from models.audit import AuditAct
from models.chat.conversations import Conversation
from models.chat.messages import Message, MessageVersion
from models.chat.reports import MessageReport, ReportDraft
from models.errors import InvalidInput, NotFound
from models.quotas import DailyAct
from services.audit import entries as audit
from services.chat.access import own_conversations
from services.members.conflicts import ensure_other_vendor
from services.quotas import ensure_within_quota
from services.viewer import Viewer


def visible_reports(viewer: Viewer) -> SelectOfScalar[MessageReport]:
    """Select the viewer's reports, while they take part in the conversation. Admins see all."""
    if viewer.admin:
        return select(MessageReport)
    mine = select(Conversation.id).where(own_conversations(viewer))
    return select(MessageReport).where(
        MessageReport.reporter_id == viewer.user_id, col(MessageReport.conversation_id).in_(mine)
    )


def visible_versions(viewer: Viewer) -> SelectOfScalar[MessageVersion]:
    """Select earlier versions of reported messages. Only admins see them."""
    reported = select(MessageReport.message_id)
    rows = select(MessageVersion).where(col(MessageVersion.message_id).in_(reported))
    return rows if viewer.admin else rows.where(False)


def list_reports(viewer: Viewer, *, resolved: bool | None = None) -> Listing[MessageReport]:
    rows = visible_reports(viewer)
    if resolved is not None:
        at = col(MessageReport.resolved_at)
        rows = rows.where(at.is_not(None) if resolved else at.is_(None))
    return Listing(rows, newest_first(MessageReport))


async def report_message(
    session: AsyncSession, viewer: Viewer, *, message_id: UUID, draft: ReportDraft
) -> MessageReport:
    """Report another person's message to the admins, once per message and reporter.

    A second report violates the unique constraint, raised as `AlreadyReported`.
    """
    viewer.require_user()
    rows = (
        select(Message)
        .join(Conversation, col(Conversation.id) == Message.conversation_id)
        .where(Message.id == message_id, own_conversations(viewer))
    )
    message = (await session.exec(rows)).first()
    if message is None:
        raise NotFound
    if message.sender_id in {None, viewer.require_user()}:
        raise InvalidInput("You cannot report your own message.", field=["messageId"])
    report = MessageReport(
        message_id=message.id,
        conversation_id=message.conversation_id,
        reporter_id=viewer.require_user(),
        reason=draft.reason,
        note=draft.note,
    )
    session.add(report)
    await session.flush()  # a second report of the message is refused before it is counted
    await ensure_within_quota(session, report.reporter_id, DailyAct.REPORT)
    return report


async def resolve_report(
    session: AsyncSession, viewer: Viewer, *, report_id: UUID
) -> MessageReport:
    """Mark a report as resolved, for admins only. Resolving it again changes nothing.

    Raises `OwnVendor` and `OwnAccount` if the admin works for the business of the conversation, or
    is its customer.
    """
    admin_id = viewer.require_admin()
    rows = select(MessageReport).where(MessageReport.id == report_id)
    report = (await session.exec(for_change(rows))).first()
    if report is None:
        raise NotFound
    await _ensure_of_others(session, admin_id, report)
    if report.resolved_at is None:
        report.resolved_at, report.resolver_id = now(), admin_id
        audit.append(session, viewer, AuditAct.RESOLVE_REPORT, subject_id=report.id)
    return report


async def _ensure_of_others(session: AsyncSession, admin_id: UUID, report: MessageReport) -> None:
    conversation = await session.get_one(Conversation, report.conversation_id)
    if conversation.user_id == admin_id:
        raise OwnAccount
    await ensure_other_vendor(session, conversation.vendor_id, admin_id)
