"""Stock, changed by members of its vendor, and alerts of users who wait for it."""

from collections.abc import Sequence
from typing import Any

import strawberry

from core.keyset import Listing
from engine.arguments import IdempotencyKey
from engine.connections import Connection, connection
from engine.context import Info
from engine.mutation import mutation
from models.catalog.variants import Variant as VariantRow
from models.downloads.keys import StockFollowsKeys
from models.errors import KEYED, InvalidInput, NotFound
from models.stock import levels as rows
from models.stock.alerts import StockAlertLimitReached, VariantInStock
from models.validation import parse
from schema.catalog.types import Variant
from schema.stock.inputs import (
    Expected,
    Lines,
    LowAt,
    Note,
    OnHand,
    Quantity,
    VariantId,
    VendorId,
    receipt_of,
)
from schema.stock.types import StockLevel
from services.stock import alerts, changes


@strawberry.type
class StockQuery:
    @connection(
        Connection[Variant],
        "The variants that the viewer waits for, the newest alert first: at most 100. Those that"
        " the viewer can't see any more are left out.",
    )
    def stock_alerts(self, info: Info) -> Listing[Any]:
        return alerts.list_alerts(info.context.viewer)


@strawberry.type
class StockMutation:
    @mutation(
        stock=list[StockLevel],
        raises=(
            InvalidInput,
            NotFound,
            rows.InsufficientStock,
            rows.StockTooHigh,
            StockFollowsKeys,
            *KEYED,
        ),
    )
    async def receive_stock(
        self,
        info: Info,
        vendor_id: VendorId,
        lines: Lines,
        idempotency_key: IdempotencyKey,
        note: Note = None,
    ) -> Sequence[rows.Stock]:
        """Add units that have arrived. Requires the vendor's STAFF role or higher."""
        async with info.context.transaction() as session:
            return await changes.receive_stock(
                session,
                info.context.viewer,
                vendor_id=vendor_id,
                receipt=receipt_of(lines, note),
                idempotency_key=idempotency_key,
            )

    @mutation(
        stock=StockLevel,
        raises=(
            InvalidInput,
            NotFound,
            rows.StockMoved,
            rows.StockReserved,
            rows.StockTooHigh,
            StockFollowsKeys,
            *KEYED,
        ),
    )
    async def count_stock(
        self,
        info: Info,
        variant_id: VariantId,
        on_hand: OnHand,
        expected: Expected,
        idempotency_key: IdempotencyKey,
        note: Note = None,
    ) -> rows.Stock:
        """Set the units on hand to what was counted. Refused if units moved during the count."""
        count = parse(rows.StockCount, on_hand=on_hand, expected=expected, note=note)
        async with info.context.transaction() as session:
            return await changes.count_stock(
                session,
                info.context.viewer,
                variant_id=variant_id,
                count=count,
                idempotency_key=idempotency_key,
            )

    @mutation(
        stock=StockLevel,
        raises=(InvalidInput, NotFound, rows.InsufficientStock, StockFollowsKeys, *KEYED),
    )
    async def write_off_stock(
        self,
        info: Info,
        variant_id: VariantId,
        quantity: Quantity,
        idempotency_key: IdempotencyKey,
        note: Note = None,
    ) -> rows.Stock:
        """Take out units that were damaged or lost. Reserved ones cannot be taken."""
        loss = parse(rows.Loss, quantity=quantity, note=note)
        async with info.context.transaction() as session:
            return await changes.write_off_stock(
                session,
                info.context.viewer,
                variant_id=variant_id,
                loss=loss,
                idempotency_key=idempotency_key,
            )

    @mutation(stock=StockLevel, raises=(InvalidInput, NotFound), repeatable="sets a value")
    async def set_low_stock(
        self, info: Info, variant_id: VariantId, low_at: LowAt = None
    ) -> rows.Stock:
        """Set the number of available units at which members are notified."""
        low = parse(rows.LowStock, low_at=low_at)
        async with info.context.transaction() as session:
            return await changes.set_low_stock(
                session, info.context.viewer, variant_id=variant_id, low=low
            )

    @mutation(
        variant=Variant,
        raises=(NotFound, VariantInStock, StockAlertLimitReached),
        repeatable="there is one alert of a user for a variant",
    )
    async def request_stock_alert(self, info: Info, variant_id: VariantId) -> VariantRow:
        """Have the viewer notified once, when a variant can be bought again."""
        async with info.context.transaction() as session:
            return await alerts.request_stock_alert(
                session, info.context.viewer, variant_id=variant_id
            )

    @mutation(repeatable="deletes what is there")
    async def cancel_stock_alert(self, info: Info, variant_id: VariantId) -> None:
        """Cancel the viewer's alert for a variant."""
        async with info.context.transaction() as session:
            await alerts.cancel_stock_alert(session, info.context.viewer, variant_id=variant_id)
