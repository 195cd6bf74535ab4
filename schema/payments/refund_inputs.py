"""Arguments of refunds."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import strawberry

from engine.ids import optional_ids_of
from engine.scalars import BigInt
from models.orders.lines import MAX_LINES
from models.payments.granting import RefundDraft
from models.validation import parse
from schema.orders.selections import LineUnitsInput

RefundedUnits = Annotated[
    list[LineUnitsInput] | None,
    strawberry.argument(description=f"The units of each line, at most {MAX_LINES} lines."),
]
Delivery = Annotated[
    bool,
    strawberry.argument(
        description="Whether all of the delivery goes back that has not yet. Defaults to false."
    ),
]
Deliveries = Annotated[
    list[UUID] | None,
    optional_ids_of(
        "SubOrder", f"The parts of the order whose delivery goes back, at most {MAX_LINES}."
    ),
]
Goodwill = Annotated[
    BigInt | None,
    strawberry.argument(
        description="An amount without units, in minor units: at most what was paid and has not"
        " gone back."
    ),
]
Restock = Annotated[
    bool,
    strawberry.argument(
        description="Whether the units have come back, and can be sold again. Defaults to false."
    ),
]


def refund_of(
    reason: str,
    lines: Sequence[LineUnitsInput] | None,
    deliveries: Sequence[UUID] | None,
    amount: int | None,
    *,
    restock: bool,
) -> RefundDraft:
    return parse(
        RefundDraft,
        reason=reason,
        lines=[vars(line) for line in lines or ()],
        deliveries=list(deliveries or ()),
        amount=amount,
        restock=restock,
    )
