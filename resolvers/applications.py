"""Applications to become a vendor: made by users, decided by admins."""

from typing import Annotated, Any

import strawberry

from core.keyset import Listing
from engine.connections import LiveConnection, connection
from engine.context import Info
from engine.mutation import mutation
from models import applications as rows
from models.applications import Decision
from models.audit import AuditAct
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from models.identity.accounts import EmailNeeded
from models.quotas import DailyLimitReached
from models.taxes.numbers import TaxIdInvalid
from models.validation import parse
from models.vendors import LastOwner, OwnVendor
from schema.applications.inputs import (
    ApplicationId,
    ApplyAsVendorInput,
    ReadRevision,
    Reason,
    ResubmitApplicationInput,
    VendorApplicationWhere,
    application_filter,
)
from schema.applications.types import VendorApplication
from schema.vendors.inputs import vendor_draft
from services.applications import applying, decisions, queries

Where = Annotated[
    VendorApplicationWhere | None,
    strawberry.argument(description="Returns all applications if omitted."),
]
DECISION_ERRORS = (NotFound, rows.InvalidApplicationState, rows.ApplicationChanged)


@strawberry.type
class ApplicationQuery:
    @connection(
        LiveConnection[VendorApplication],
        "The viewer's applications to become a vendor; for admins, the queue of all. Those that"
        " have waited longest come first. Subscription: `vendorApplicationChanges`.",
    )
    def vendor_applications(self, info: Info, where: Where = None) -> Listing[Any]:
        return queries.list_applications(info.context.viewer, application_filter(where))


@strawberry.type
class ApplicationMutation:
    @mutation(
        application=VendorApplication,
        audit=AuditAct.APPLY_AS_VENDOR,
        personal=True,
        raises=(
            InvalidInput,
            NotFound,
            EmailNeeded,
            TaxIdInvalid,
            rows.ApplicationLimitReached,
            DailyLimitReached,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def apply_as_vendor(
        self, info: Info, input: ApplyAsVendorInput
    ) -> rows.VendorApplication:
        """Apply to become a vendor. It is PENDING, with the viewer as its OWNER, until an admin
        decides. A user can have at most 3 applications that are not decided.
        """
        vendor, application = vendor_draft(input), input.draft()
        async with info.context.transaction() as session:
            return await applying.apply_as_vendor(
                session,
                info.context.viewer,
                info.context.app.sealer,
                vendor=vendor,
                application=application,
                category_id=input.category_id,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        application=VendorApplication,
        audit=AuditAct.RESUBMIT_APPLICATION,
        personal=True,
        raises=(InvalidInput, TaxIdInvalid, *DECISION_ERRORS),
        repeatable="refuses a submitted application",
    )
    async def resubmit_application(
        self, info: Info, input: ResubmitApplicationInput
    ) -> rows.VendorApplication:
        """Change an application and submit it again, after an admin requested changes."""
        patch = input.patch()
        async with info.context.transaction() as session:
            return await applying.resubmit_application(
                session,
                info.context.viewer,
                info.context.app.sealer,
                application_id=input.application_id,
                revision=input.revision,
                patch=patch,
            )

    @mutation(
        application=VendorApplication,
        audit=AuditAct.WITHDRAW_APPLICATION,
        personal=True,
        raises=(NotFound, rows.InvalidApplicationState),
        repeatable="refuses a withdrawn application",
    )
    async def withdraw_application(
        self, info: Info, application_id: ApplicationId
    ) -> rows.VendorApplication:
        """Withdraw an application that is not decided, for good. Its documents are deleted."""
        async with info.context.transaction() as session:
            return await applying.withdraw_application(
                session, info.context.viewer, application_id=application_id
            )

    @mutation(
        for_admins=True,
        application=VendorApplication,
        audit=AuditAct.APPROVE_VENDOR,
        raises=(*DECISION_ERRORS, OwnVendor, LastOwner),
        repeatable="refuses a decided application",
    )
    async def approve_vendor(
        self, info: Info, application_id: ApplicationId, revision: ReadRevision
    ) -> rows.VendorApplication:
        """Approve an application: its vendor can sell at once. Only admins can do this."""
        async with info.context.transaction() as session:
            return await decisions.approve_vendor(
                session, info.context.viewer, application_id=application_id, revision=revision
            )

    @mutation(
        for_admins=True,
        application=VendorApplication,
        audit=AuditAct.REJECT_VENDOR,
        raises=(InvalidInput, OwnVendor, *DECISION_ERRORS),
        repeatable="refuses a decided application",
    )
    async def reject_vendor(
        self, info: Info, application_id: ApplicationId, revision: ReadRevision, reason: Reason
    ) -> rows.VendorApplication:
        """Reject an application for good. Only admins can do this."""
        decision = parse(Decision, reason=reason)
        async with info.context.transaction() as session:
            return await decisions.reject_vendor(
                session,
                info.context.viewer,
                application_id=application_id,
                revision=revision,
                reason=decision.reason,
            )

    @mutation(
        for_admins=True,
        application=VendorApplication,
        audit=AuditAct.REQUEST_VENDOR_CHANGES,
        raises=(InvalidInput, OwnVendor, *DECISION_ERRORS),
        repeatable="refuses an application that is not submitted",
    )
    async def request_vendor_changes(
        self, info: Info, application_id: ApplicationId, revision: ReadRevision, reason: Reason
    ) -> rows.VendorApplication:
        """Return an application to its applicant, who can submit it again. Only admins can do
        this.
        """
        decision = parse(Decision, reason=reason)
        async with info.context.transaction() as session:
            return await decisions.request_vendor_changes(
                session,
                info.context.viewer,
                application_id=application_id,
                revision=revision,
                reason=decision.reason,
            )
