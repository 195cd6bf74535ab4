"""The precision of the risk score and its recall, estimated from the decided cases."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.fraud.cases import CaseDecision, CaseLabel, FraudCase, RedemptionFactor
from models.fraud.rules import Factor
from models.redemptions import Redemption, RedemptionOutcome

SAMPLE_ONE_OF = 100  # approved attempts is drawn for review
HANDED_OVER = (RedemptionOutcome.APPROVED, RedemptionOutcome.DOUBLE)


@dataclass(frozen=True)
class FactorPrecision:
    """Of the decided cases with a factor, those that were rejected, and confirmed the factor."""

    factor: Factor
    decided: int
    rejected: int
    confirmed: int


async def find_precision(session: AsyncSession, vendor_id: UUID | None) -> list[FactorPrecision]:
    """Return the precision of each factor in the decided cases of a vendor, or of all.

    Without sampled ones: of them there is one for each hundred attempts.
    """
    rejected = col(FraudCase.decision) == CaseDecision.REJECTED
    confirmed = rejected & col(CaseLabel.confirmed)
    rows = (
        select(
            col(RedemptionFactor.factor),
            func.count(),
            func.count().filter(rejected),
            func.count().filter(confirmed),
        )
        .join(FraudCase, col(FraudCase.redemption_id) == col(RedemptionFactor.redemption_id))
        .join(
            CaseLabel,
            (col(CaseLabel.case_id) == col(FraudCase.id))
            & (col(CaseLabel.factor) == col(RedemptionFactor.factor)),
        )
        .where(col(FraudCase.decision).is_not(None), ~col(FraudCase.sampled))
        .group_by(col(RedemptionFactor.factor))
        .order_by(col(RedemptionFactor.factor))
    )
    if vendor_id is not None:
        rows = rows.where(FraudCase.vendor_id == vendor_id)
    return [FactorPrecision(*row) for row in await session.exec(rows)]


@dataclass(frozen=True)
class SampledCases:
    """Decided cases of drawn attempts, those of them that were fraud, and what the score has found.

    Of the latter, goods were `handed_over` if a scanner had no network, or if the
    hold ended before the decision.
    """

    decided: int
    rejected: int
    stopped: int
    handed_over: int

    @property
    def recall(self) -> float | None:
        """Estimate the part of all fraud that was stopped. None without fraud, or a sample.

        Each rejected one of the sample stands for a hundred attempts that the score has missed.
        """
        fraud = self.stopped + self.handed_over + self.rejected * SAMPLE_ONE_OF
        return self.stopped / fraud if self.decided and fraud else None


async def find_sampled(session: AsyncSession, vendor_id: UUID | None) -> SampledCases:
    """Count the decided cases of drawn attempts of a vendor, or of all."""
    sampled = col(FraudCase.sampled)
    rejected = col(FraudCase.decision) == CaseDecision.REJECTED
    too_late = col(Redemption.outcome).in_(HANDED_OVER)
    rows = (
        select(
            func.count().filter(sampled),
            func.count().filter(sampled & rejected),
            func.count().filter(~sampled & rejected & ~too_late),
            func.count().filter(~sampled & rejected & too_late),
        )
        .join(Redemption, col(Redemption.id) == col(FraudCase.redemption_id))
        .where(col(FraudCase.decision).is_not(None))
    )
    if vendor_id is not None:
        rows = rows.where(FraudCase.vendor_id == vendor_id)
    return SampledCases(*(await session.exec(rows)).one())
