"""Reports of messages."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from models.admins.suspensions import OwnAccount
from models.audit import AuditAct
from models.chat import reports as rows
from models.errors import InvalidInput, NotFound
from models.quotas import DailyLimitReached
from models.validation import parse
from models.vendors import OwnVendor
from schema.chat.enums import ReportReason
from schema.chat.reports import MessageReport
from services.chat import reports

Resolved = Annotated[
    bool | None,
    strawberry.argument(
        description="Returns reports that are resolved, or that are not. If omitted, both."
    ),
]
ReportedMessageId = Annotated[UUID, id_of("Message", "The id of another user's message.")]
Reason = Annotated[ReportReason, strawberry.argument(description="The reason for the report.")]
Note = Annotated[str, strawberry.argument(description="A note of at most 1,000 characters.")]
ReportId = Annotated[UUID, id_of("MessageReport", "The report's id.")]


@strawberry.type
class ReportQuery:
    @connection(
        Connection[MessageReport],
        "Reports of messages, newest first. Visible to admins.",
        for_admins=True,
    )
    def reports(self, info: Info, resolved: Resolved = None) -> Listing[Any]:
        viewer = info.context.viewer
        viewer.require_admin()
        return reports.list_reports(viewer, resolved=resolved)


@strawberry.type
class ReportMutation:
    @mutation(
        report=MessageReport,
        raises=(InvalidInput, NotFound, rows.AlreadyReported, DailyLimitReached),
        repeatable="a user reports a message once",
    )
    async def report_message(
        self, info: Info, message_id: ReportedMessageId, reason: Reason, note: Note = ""
    ) -> rows.MessageReport:
        """Report another user's message to the admins."""
        async with info.context.transaction() as session:
            return await reports.report_message(
                session,
                info.context.viewer,
                message_id=message_id,
                draft=parse(rows.ReportDraft, reason=reason, note=note),
            )

    @mutation(
        for_admins=True,
        report=MessageReport,
        audit=AuditAct.RESOLVE_REPORT,
        raises=(NotFound, OwnAccount, OwnVendor),
        repeatable="sets a state",
    )
    async def resolve_report(self, info: Info, report_id: ReportId) -> rows.MessageReport:
        """Mark a report as resolved. Only admins can do this."""
        async with info.context.transaction() as session:
            return await reports.resolve_report(session, info.context.viewer, report_id=report_id)
