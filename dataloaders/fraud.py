"""Loaders of fraud cases."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.selected import AnySelect, Selected, select_columns
from core.statements.statement import any_of
from engine.loaders import Loader, by_id, children, grouped, in_session, visible
from models.fraud.cases import CaseLabel, FraudCase, FraudCaseNote, RedemptionFactor
from services.fraud.access import visible_case_notes, visible_cases
from services.fraud.links import RelatedAccount, find_related


def _factors(_: object, selected: Selected | None) -> AnySelect:
    """Select the factors of attempts, for all who see their cases."""
    return (
        select_columns(RedemptionFactor, RedemptionFactor.redemption_id, selected=selected)
        .where(any_of(col(RedemptionFactor.redemption_id)))
        .order_by(col(RedemptionFactor.points).desc(), col(RedemptionFactor.factor))
    )


def _labels(_: object, selected: Selected | None) -> AnySelect:
    return (
        select_columns(CaseLabel, CaseLabel.case_id, selected=selected)
        .where(any_of(col(CaseLabel.case_id)))
        .order_by(col(CaseLabel.factor))
    )


async def _related(
    session: AsyncSession, _: object, user_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[RelatedAccount]]:
    return await find_related(session, user_ids)


case_by_id = by_id(FraudCase)
visible_case = visible(FraudCase, visible_cases)
visible_case_note = visible(FraudCaseNote, visible_case_notes)
factors_of_redemption = grouped(RedemptionFactor, "redemption_id", _factors)
labels_of_case = grouped(CaseLabel, "case_id", _labels)
related_accounts_of: Loader[UUID, Sequence[RelatedAccount]] = Loader(
    in_session(_related), missing=()
)
notes_of_case = children(FraudCaseNote, "case_id", visible_case_notes)
