"""Offers with rules, set by a manager through the API."""

from typing import Any

from tests.client import Client, gid
from tests.factories.redemptions import Till

RULES = """
    offer { id currentTerms { version text rules {
        minimumSpend { amountMinor } firstVisit household maximumUses voucherBalance { amountMinor }
        daysHours { fromDay untilDay spans { weekday opens closes } }
        stacking { kind group } branches { name scannerIds }
    } } }
"""


def inr(amount: int) -> dict[str, Any]:
    return {"amountMinor": amount, "currency": "INR"}


async def set_rules(api: Client, till: Till, **rules: Any) -> dict[str, Any]:
    """Set the rules of the till's offer as a manager, and return the payload."""
    client = api.signed_in(await till.manager())
    given = {"offerId": gid(till.offer), "rules": rules}
    answer = await client.do("setOfferRules", given, RULES)
    assert answer["errors"] == []
    return answer
