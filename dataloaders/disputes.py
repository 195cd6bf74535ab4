"""Loaders of disputes."""

from sqlmodel import col

from core.statements.selected import AnySelect, Selected, select_columns
from core.statements.statement import any_of
from engine.loaders import by_id, children, grouped, visible
from models.payments.disputes import Dispute, DisputeEvidence, DisputeFile, DisputeShare
from models.uploads import Upload
from services.disputes.access import visible_disputes, visible_evidence, visible_shares


def _files(_: object, selected: Selected | None) -> AnySelect:
    """Select the files in their order, for all who see the evidence."""
    return (
        select_columns(Upload, DisputeFile.evidence_id, selected=selected)
        .join(DisputeFile, col(DisputeFile.upload_id) == Upload.id)
        .where(any_of(col(DisputeFile.evidence_id)))
        .order_by(col(DisputeFile.position))
    )


dispute_by_id = by_id(Dispute)
visible_dispute = visible(Dispute, visible_disputes)
shares_of_dispute = children(DisputeShare, "dispute_id", visible_shares)
evidence_of_dispute = children(DisputeEvidence, "dispute_id", visible_evidence)
files_of_evidence = grouped(Upload, "evidence_id", _files)
disputes_of_payment = children(Dispute, "payment_id", visible_disputes)
