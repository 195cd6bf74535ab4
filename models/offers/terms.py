"""Versions of the terms of offers: their rules and their text, which never change."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from core.errors import UserMessage
from models.base import APPEND_ONLY, LONG, Row, foreign_key, json
from models.errors import Refusal
from models.offers.offers import OfferText
from models.offers.rules import OfferRuleKind, OfferRules, RuleResult
from models.personal_data import of_others

MAX_VERSIONS = 100  # of an offer


class OfferTerms(Row, table=True):
    """A version of an offer's terms. A voucher keeps the one that it was claimed under."""

    __tablename__ = "offer_terms"
    __table_args__ = (
        UniqueConstraint("offer_id", "version"),
        CheckConstraint(f"version BETWEEN 1 AND {MAX_VERSIONS}", name="version"),
        CheckConstraint("jsonb_typeof(rules) = 'object'", name="rules"),
        APPEND_ONLY,
    )
    __privacy__ = of_others(none="version currency locale rules text")

    offer_id: UUID = foreign_key("offer", index=False)
    version: int
    currency: str = Field(max_length=3)
    locale: str = Field(max_length=16)
    rules: dict[str, Any] = json(default_factory=dict)
    text: dict[str, OfferText] = json(default_factory=dict, sa_column_kwargs={"info": LONG})

    def ensure_followable(self) -> None:
        """Raise `TooManyTerms` if there can be no later version."""
        if self.version >= MAX_VERSIONS:
            raise TooManyTerms


def read_rules(stored: dict[str, Any]) -> OfferRules:
    """Return the rules of a stored version."""
    return OfferRules.model_validate(stored)


OF_CLAIMS = {
    OfferRuleKind.FIRST_VISIT: UserMessage(
        "This offer is for a first visit. You have been here before."
    ),
    OfferRuleKind.HOUSEHOLD: UserMessage("Your household has used this offer already."),
    OfferRuleKind.DAYS_HOURS: UserMessage("The last day on which this offer can be used is over."),
}


class RuleFailed(Refusal):
    """A rule forbids a claim. At the till, a failed rule is an outcome."""

    message = "The terms of this offer do not allow this."
    meaning = "The viewer does not meet a rule of the offer, so a claim would be useless."
    remedy = "Show `message`, and do not offer the claim: see `Offer.eligibility`."

    def __init__(self, *, failure: RuleResult) -> None:
        super().__init__(OF_CLAIMS[failure.rule].template)
        self.rule, self.needed, self.given = failure.rule, failure.needed, failure.given


class TooManyTerms(Refusal):
    message = "The rules of this offer were changed too often. Duplicate the offer instead."
    meaning = "The offer has the maximum number of versions of its terms."
    remedy = "Let the user create another offer."
