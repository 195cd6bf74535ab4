"""Arguments of payments that admins record."""

from typing import Annotated

import strawberry

from engine.scalars import BigInt, CurrencyCode
from models.payments.recording import MAX_REFERENCE_LENGTH

Amount = Annotated[BigInt, strawberry.argument(description="The amount in minor units.")]
Currency = Annotated[CurrencyCode, strawberry.argument(description="The currency.")]
Reference = Annotated[
    str,
    strawberry.argument(
        description=f"The bank's reference, unique: at most {MAX_REFERENCE_LENGTH} characters."
    ),
]
