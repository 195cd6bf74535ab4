"""The rules of vouchers that a scanner has accepted without a network, as of the scan."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import any_, col, select

from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import PreparedTransaction
from models.offers.rules import RuleFacts, RuleStage, first_failure, judge
from models.offers.terms import OfferTerms, read_rules
from models.redemptions import Redemption, Voucher
from models.vendors import Vendor

TERMS = Statement(
    select(*columns_of(OfferTerms)).where(
        col(OfferTerms.id) == any_(bindparam("ids", type_=ARRAY(Uuid())))
    ),
    OfferTerms,
)


async def judge_scans(
    unit: PreparedTransaction,
    vendor: Vendor,
    scans: Sequence[Redemption],
    vouchers: Mapping[UUID, Voucher],
) -> None:
    """Note the rule that each new scan fails, whatever the other scans of its voucher are.

    A rule that the server alone can judge fails: the scanner must not have accepted the voucher.
    """
    ids = {one.terms_id for one in vouchers.values() if one.terms_id}
    if not ids:
        return
    terms = await TERMS.fetch(unit.connection, ids=sorted(ids))
    rules = {one.id: read_rules(one.rules) for one in terms}
    for scan in scans:
        voucher = vouchers.get(scan.voucher_id) if scan.voucher_id else None
        if voucher is None or voucher.terms_id is None or voucher.vendor_id != vendor.id:
            continue
        facts = RuleFacts(
            at=scan.attempted_at,
            time_zone=vendor.time_zone,
            currency=vendor.currency,
            scanner_id=scan.scanner_id,
        )
        failure = first_failure(judge(rules[voucher.terms_id], facts, RuleStage.OFFLINE))
        if failure is not None:
            scan.failed_rule = failure.rule
            scan.rule_facts = {"needed": failure.needed, "given": failure.given}
