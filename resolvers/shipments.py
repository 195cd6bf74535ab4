"""Root fields of shipments: what vendors send, and what happens to it on its way."""

import strawberry

from engine.arguments import IdempotencyKey
from engine.context import Info
from engine.mutation import mutation
from models import shipments as rows
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from models.orders.lines import TooManyUnits
from models.orders.states import InvalidOrderState
from models.validation import parse
from schema.orders.selections import Lines
from schema.orders.types import SubOrderId
from schema.shipments.inputs import (
    Carrier,
    EventPlace,
    EventState,
    EventTime,
    TrackingNumber,
    UpdateShipmentInput,
    draft_of,
    report_of,
)
from schema.shipments.types import Shipment, ShipmentId
from services.shipments import shipping, tracking


@strawberry.type
class ShipmentMutation:
    @mutation(
        shipment=Shipment,
        raises=(
            InvalidInput,
            NotFound,
            InvalidOrderState,
            TooManyUnits,
            rows.ShipmentLimitReached,
            rows.TrackingNumberTaken,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def create_shipment(
        self,
        info: Info,
        suborder_id: SubOrderId,
        lines: Lines,
        idempotency_key: IdempotencyKey,
        carrier: Carrier = None,
        tracking_number: TrackingNumber = None,
    ) -> rows.Shipment:
        """Ship units of a paid part of an order, which accepts it. With the last of them the part
        is SHIPPED. A pick-up is handed over instead: `markSuborderDelivered`. Requires the vendor's
        STAFF role or higher.
        """
        draft = draft_of(carrier, tracking_number)
        units = parse(rows.NewShipment, lines=[vars(line) for line in lines])
        async with info.context.transaction() as session:
            return await shipping.create_shipment(
                session,
                info.context.viewer,
                draft,
                suborder_id=suborder_id,
                lines=units.lines,
                idempotency_key=idempotency_key,
            )

    @mutation(
        shipment=Shipment,
        raises=(InvalidInput, NotFound, rows.ShipmentEnded, rows.TrackingNumberTaken),
        repeatable="sets values",
    )
    async def update_shipment(self, info: Info, input: UpdateShipmentInput) -> rows.Shipment:
        """Change the carrier and the tracking number of a shipment on its way. Requires the
        vendor's STAFF role or higher.
        """
        patch = input.patch()
        async with info.context.transaction() as session:
            return await shipping.update_shipment(
                session, info.context.viewer, patch, shipment_id=input.shipment_id
            )

    @mutation(
        shipment=Shipment,
        raises=(InvalidInput, NotFound, rows.TrackingLimitReached),
        repeatable="records the same report once",
    )
    async def add_tracking_event(
        self,
        info: Info,
        shipment_id: ShipmentId,
        state: EventState,
        at: EventTime,
        place: EventPlace = None,
    ) -> rows.Shipment:
        """Record where a shipment is. When all of a part is shipped and all its shipments are
        DELIVERED, the part is too. Requires the vendor's STAFF role or higher.
        """
        report = report_of(state, at, place)
        async with info.context.transaction() as session:
            return await tracking.add_tracking_event(
                session,
                info.context.viewer,
                report,
                shipment_id=shipment_id,
                return_days=info.context.app.settings.return_days,
            )
