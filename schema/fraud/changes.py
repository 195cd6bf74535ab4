"""Changes that the subscription to fraud cases sends."""

import strawberry

from engine.types import column
from schema.fraud.types import FraudCase


@strawberry.type(description="A change of a fraud case of a vendor.")
class FraudCaseChange:
    cursor: str = column("The cursor to resume after this change.")
    fraud_case: FraudCase | None = strawberry.field(
        default=None,
        description="The case as it is now. Null if nothing has changed, and there is only a newer"
        " cursor to resume from.",
    )
