"""Root fields of fraud: cases and their reviews, and the settings of the risk score."""

from typing import Annotated, Any

import strawberry

from core.keyset import Listing
from dataloaders.fraud import visible_case
from engine.connections import connection
from engine.context import Info
from engine.mutation import mutation
from engine.types import field
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.fraud import cases as rows
from models.fraud import settings as settings_rows
from models.validation import parse
from models.vendors import OwnVendor
from schema.fraud.enums import CaseDecision, Factor, FraudCaseOrder
from schema.fraud.inputs import FraudCaseWhere, case_filter
from schema.fraud.settings import (
    FraudOverview,
    FraudPrecision,
    FraudSample,
    FraudSettings,
    FraudSettingsInput,
    FraudSettingsPreview,
    SettingsOf,
)
from schema.fraud.types import FraudCase, FraudCaseConnection, FraudCaseId, FraudCaseNote
from services.fraud import access, reviewing
from services.fraud import precision as precisions
from services.fraud import settings as services
from services.fraud.previews import preview

Where = Annotated[FraudCaseWhere | None, strawberry.argument(description="Filters the list.")]
CaseOrder = Annotated[
    FraudCaseOrder, strawberry.argument(description="The order. Defaults to RISK.")
]
NoteText = Annotated[
    str,
    strawberry.argument(description=f"The note, 1 to {rows.MAX_NOTE_LENGTH:,} characters."),
]
Decision = Annotated[CaseDecision, strawberry.argument(description="The decision.")]
Confirmed = Annotated[
    list[Factor],
    strawberry.argument(description="The factors that were right. The others are labelled wrong."),
]
NewSettings = Annotated[FraudSettingsInput, strawberry.argument(description="The settings.")]
BaseVersion = Annotated[
    int,
    strawberry.argument(
        description="The `baseVersion` of `fraudSettings` that the change is based on."
    ),
]


@strawberry.type
class FraudQuery:
    @connection(
        FraudCaseConnection,
        "Fraud cases: those of a vendor for its members with the MANAGER role or higher, all for"
        " admins. Subscription: `fraudCaseChanges`.",
    )
    def fraud_cases(
        self, info: Info, where: Where = None, order_by: CaseOrder = FraudCaseOrder.RISK
    ) -> Listing[Any]:
        by_risk = order_by is FraudCaseOrder.RISK
        return access.list_cases(info.context.viewer, case_filter(where), by_risk=by_risk)

    @field("Returns a fraud case. Null if it doesn't exist or the viewer can't see it.")
    async def fraud_case(self, info: Info, id: FraudCaseId) -> FraudCase | None:
        info.context.viewer.require_user()
        return FraudCase.wrap_optional(await info.context.loaders[visible_case].load(id))

    @field(
        "The settings of the risk score, for members of the vendor with the MANAGER role or higher,"
        " and for admins. Null if the viewer can't see them.",
        cost=20,
    )
    async def fraud_settings(
        self, info: Info, vendor_id: SettingsOf = None
    ) -> FraudOverview | None:
        async with info.context.read_session() as session:
            await services.ensure_may_read(session, info.context.viewer, vendor_id)
            versions = await services.find_versions(session, vendor_id)
            inherited = versions or await services.find_versions(session, None)
            precision = await precisions.find_precision(session, vendor_id)
            sample = await precisions.find_sampled(session, vendor_id)
        own = [FraudSettings.wrap(one) for one in versions]
        return FraudOverview(
            current=FraudSettings.wrap(inherited[0]) if inherited else FraudSettings.defaults(),
            base_version=versions[0].version if versions else 0,
            versions=own,
            precision=[FraudPrecision.wrap(one) for one in precision],
            sample=FraudSample.wrap(sample),
        )

    @field(
        "Scores the attempts of the last 30 days under other settings, for those who see the"
        " settings. Null if the viewer can't see them. Windows have no effect here: counts are"
        " those of the time.",
        cost=200,
    )
    async def preview_fraud_settings(
        self, info: Info, settings: NewSettings, vendor_id: SettingsOf = None
    ) -> FraudSettingsPreview | None:
        policy = settings.policy()
        async with info.context.read_session() as session:
            found = await preview(session, info.context.viewer, policy, vendor_id=vendor_id)
        return FraudSettingsPreview.wrap(found)


@strawberry.type
class FraudMutation:
    @mutation(
        fraud_case=FraudCase,
        personal=True,
        audit=AuditAct.TAKE_FRAUD_CASE,
        raises=(NotFound, OwnVendor, rows.CaseResolved, rows.CaseTaken, rows.OwnScan),
        repeatable="renews the lease",
    )
    async def take_fraud_case(self, info: Info, case_id: FraudCaseId) -> rows.FraudCase:
        """Take a case for 15 minutes, in which no other reviewer can decide it. Requires the
        MANAGER role or higher at the vendor, or an admin; not the member who scanned the voucher.
        """
        async with info.context.transaction() as session:
            return await reviewing.take_fraud_case(session, info.context.viewer, case_id=case_id)

    @mutation(
        note=FraudCaseNote,
        personal=True,
        raises=(InvalidInput, NotFound, OwnVendor, rows.CaseNoteLimitReached),
        repeatable="a second note is seen and does no harm",
    )
    async def add_fraud_case_note(
        self, info: Info, case_id: FraudCaseId, text: NoteText
    ) -> rows.FraudCaseNote:
        """Add a note to a case. Requires the MANAGER role or higher at the vendor, or an admin."""
        draft = parse(rows.CaseNoteDraft, text=text)
        async with info.context.transaction() as session:
            return await reviewing.add_fraud_case_note(
                session, info.context.viewer, draft, case_id=case_id
            )

    @mutation(
        fraud_case=FraudCase,
        personal=True,
        audit=AuditAct.DECIDE_FRAUD_CASE,
        raises=(InvalidInput, NotFound, OwnVendor, rows.CaseResolved, rows.CaseTaken, rows.OwnScan),
        repeatable="refuses a decided case",
    )
    async def decide_fraud_case(
        self, info: Info, case_id: FraudCaseId, decision: Decision, confirmed: Confirmed
    ) -> rows.FraudCase:
        """Decide a case, once. An attempt that is still held is approved as of its scan, or
        blocked; else only the labels of the factors are stored. Requires the MANAGER role or higher
        at the vendor, or an admin; not the member who scanned the voucher.
        """
        async with info.context.transaction() as session:
            return await reviewing.decide_fraud_case(
                session,
                info.context.viewer,
                case_id=case_id,
                decision=decision,
                confirmed=confirmed,
            )

    @mutation(
        settings=FraudSettings,
        personal=True,
        audit=AuditAct.UPDATE_FRAUD_SETTINGS,
        raises=(InvalidInput, NotFound, OwnVendor, settings_rows.SettingsChanged),
        repeatable="refuses a base version that is not the newest",
    )
    async def update_fraud_settings(
        self,
        info: Info,
        settings: NewSettings,
        base_version: BaseVersion,
        vendor_id: SettingsOf = None,
    ) -> settings_rows.FraudSettings:
        """Add a version of the settings, which applies from the next attempt on. Requires the OWNER
        role at the vendor, or an admin; those of the platform require an admin.
        """
        policy = settings.policy()
        async with info.context.transaction() as session:
            return await services.update_fraud_settings(
                session,
                info.context.viewer,
                policy,
                vendor_id=vendor_id,
                base_version=base_version,
            )
