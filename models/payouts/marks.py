"""Validated inputs of admins who close payouts, and explain discrepancies."""

from pydantic import BaseModel

from models.payments.payments import Reference
from models.payouts.payouts import Failure
from models.payouts.reconciliation import Note


class PaidDraft(BaseModel, frozen=True):
    """The bank's reference of a transfer."""

    reference: Reference


class ReturnedDraft(BaseModel, frozen=True):
    """Why the bank has sent a transfer back."""

    reason: Failure


class ResolutionDraft(BaseModel, frozen=True):
    """How a discrepancy was explained."""

    note: Note
