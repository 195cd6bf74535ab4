"""The promo codes of a checkout: which of them apply, and why the others do not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from models.checkouts import CheckoutProblem, ProblemCode
from models.pricing.discounts import Discount, Reason, find_conflict, find_reason
from models.pricing.lines import Line
from services.checkouts.facts import Entered


@dataclass(frozen=True)
class JudgedCodes:
    """The discounts that apply, by the id of their code, and the problems of the other codes."""

    discounts: Mapping[UUID, Discount]
    problems: Sequence[CheckoutProblem]


def judge_codes(entered: Sequence[Entered], lines: Sequence[Line], currency: str) -> JudgedCodes:
    """Return the codes that apply to lines together. Codes that do not combine apply none."""
    problems = []
    valid: dict[UUID, Discount] = {}
    for code, refusal in entered:
        if refusal is not None:
            problems.append(CheckoutProblem(ProblemCode(refusal.code), promo_code_id=code.id))
        elif code.currency != currency:
            problems.append(CheckoutProblem(ProblemCode.PROMO_NOT_VALID, promo_code_id=code.id))
        else:
            valid[code.id] = code.discount()
    conflict = find_conflict(list(valid.values()))
    reasons = {id: conflict or find_reason(discount, lines) for id, discount in valid.items()}
    problems += [_not_applicable(id, reason) for id, reason in reasons.items() if reason]
    return JudgedCodes({id: one for id, one in valid.items() if not reasons[id]}, problems)


def _not_applicable(promo_code_id: UUID, reason: Reason) -> CheckoutProblem:
    code = ProblemCode.PROMO_NOT_APPLICABLE
    return CheckoutProblem(code, promo_code_id=promo_code_id, reason=reason)
