"""Orders of the demo as they go on: rows of each step, at a time that moves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range

from demo.dataset import Dataset, DemoOrder, DemoRefund
from demo.downloads.downloads import grant_files
from demo.downloads.license_keys import sell_key
from demo.rng import SeededRandom
from models.downloads.keys import LicenseKey
from models.orders.lines import OrderLine
from models.orders.orders import SubOrder
from models.orders.returns import ReturnLine, ReturnRequest, ReturnState
from models.orders.states import OrderState, SubOrderState
from models.orders.timeline import OrderActor, OrderStep, OrderStepKind
from models.payments.payments import PaymentStatus
from models.payments.refunds import (
    Refund,
    RefundLine,
    RefundPart,
    RefundPartState,
    RefundReason,
    RefundState,
)
from models.shipments import (
    Shipment,
    ShipmentLine,
    ShipmentState,
    TrackingEvent,
    TrackingSource,
)
from models.stock.levels import MovementKind, StockMovement
from models.stock.reservations import Reservation, ReservationState
from services.orders.kinds import LineUnits
from services.orders.placing.confirming import confirm
from services.orders.refunds.granting import cancel_units, refund_units

RETURN_DAYS = 14
BUYER, VENDOR, PLATFORM = OrderActor.BUYER, OrderActor.VENDOR, OrderActor.PLATFORM


@dataclass
class History:
    """An order of the demo. `time` is that of the next step."""

    rng: SeededRandom
    dataset: Dataset
    demo: DemoOrder
    time: datetime
    admin_id: UUID
    shipments: dict[UUID, Shipment] = field(default_factory=dict)  # by the part

    @property
    def parts(self) -> Sequence[SubOrder]:
        return self.demo.rows.suborders

    def lines(self, part: SubOrder) -> Sequence[OrderLine]:
        return [line for line in self.demo.rows.lines if line.suborder_id == part.id]

    def wait(self, hours: float) -> None:
        self.time += timedelta(hours=hours)

    def place(self) -> None:
        order = self.demo.rows.order
        self.dataset.order_rows += [*self.demo.rows.payments, *self._reserve()]
        for payment in self.demo.rows.payments:
            payment.created_at = order.created_at
        self._step(OrderStepKind.PLACED, BUYER, order.user_id)

    def _reserve(self) -> Iterable[Reservation]:
        for line in self._kept(self.demo.rows.lines):
            yield Reservation(
                order_id=self.demo.rows.order.id,
                variant_id=line.ref_id,
                quantity=line.quantity,
                state=ReservationState.SOLD,
            )

    def end_unpaid(self, state: OrderState, note: str | None = None) -> None:
        """Let the order expire, or cancel it, before it is paid."""
        rows = self.demo.rows
        rows.order.become(state)
        rows.order.ended_at = self.time
        for part in self.parts:
            self._end(part, SubOrderState.CANCELLED)
        for payment in rows.payments:
            payment.status, payment.ended_at = PaymentStatus.CANCELLED, self.time
        for row in self.dataset.order_rows:
            if isinstance(row, Reservation) and row.order_id == rows.order.id:
                row.state = ReservationState.RELEASED
        if state is OrderState.EXPIRED:
            self._step(OrderStepKind.EXPIRED, PLATFORM)
        else:
            self._step(OrderStepKind.CANCELLED, BUYER, rows.order.user_id, note=note)

    def pay(self, *references: str) -> None:
        """Take the units out of the stock, after a payment by card or, without one, a transfer."""
        rows = self.demo.rows
        confirmed = confirm(rows, rows.payments, PLATFORM, None if references else self.admin_id)
        rows.order.confirmed_at = self.time
        for part in self.parts:
            part.confirmed_at = self.time
        given = iter(references)
        for payment in rows.payments:
            payment.ended_at = self.time
            payment.reference = next(given, None) or f"UTR{self.rng.randint(10**11, 10**12 - 1)}"
        for step in confirmed.steps:
            step.created_at = self.time
        self.dataset.order_rows += [*confirmed.splits, *confirmed.steps]
        self.demo.confirmed = confirmed
        for line in self._kept(rows.lines):
            self._move(MovementKind.SOLD, line, 0, line.quantity)

    def _kept(self, lines: Sequence[OrderLine]) -> Iterable[OrderLine]:
        """Return the lines whose stock is kept: files have none, unless they have keys."""
        kept = {one.id for one in self.dataset.variants if one.tracks_stock}
        return (line for line in lines if line.ref_id in kept)

    def hand_over(self, part: SubOrder, pool: Sequence[LicenseKey]) -> None:
        """Deliver a part of files alone, as the platform does, with a key of a pool."""
        user_id = self.demo.rows.order.user_id
        for line in self.lines(part):
            line.ship(line.open_units)
            grant_files(self.dataset, line, user_id)
            sell_key(pool, line, user_id, self.time)
        part.become(SubOrderState.SHIPPED)
        self._step(OrderStepKind.SHIPPED, PLATFORM, part=part)
        part.deliver(RETURN_DAYS)
        part.delivered_at = self.time
        part.release_at = self.time + timedelta(days=RETURN_DAYS)
        self._step(OrderStepKind.DELIVERED, PLATFORM, part=part)

    def ship_on_site(self, part: SubOrder) -> None:
        """Ship a part of tickets or visits alone, as the platform does when they are paid."""
        for line in self.lines(part):
            line.ship(line.open_units)
        part.become(SubOrderState.SHIPPED)
        self._step(OrderStepKind.SHIPPED, PLATFORM, part=part)

    def accept(self, part: SubOrder) -> None:
        part.accept()
        part.accepted_at = self.time
        self._step(OrderStepKind.ACCEPTED, VENDOR, part=part)

    def ship(self, part: SubOrder, *, most: int | None = None) -> None:
        """Ship a part in one parcel, or so many units of its first line."""
        shipment = Shipment(
            id=self.rng.uuid7_at(self.time),
            created_at=self.time,
            suborder_id=part.id,
            vendor_id=part.vendor_id,
            position=0,
            carrier="Post",
            tracking_number=f"EE{self.rng.randint(10**8, 10**9 - 1)}",
        )
        self.dataset.order_rows.append(shipment)
        for line in self.lines(part)[: 1 if most else None]:
            units = most or line.open_units
            line.ship(units)
            self.dataset.order_rows.append(
                ShipmentLine(
                    created_at=self.time, shipment_id=shipment.id, line_id=line.id, quantity=units
                )
            )
        self._track(shipment, TrackingSource.VENDOR)
        self.shipments[part.id] = shipment
        if not any(line.open_units for line in self.lines(part)):
            part.become(SubOrderState.SHIPPED)
        self._step(OrderStepKind.SHIPPED, VENDOR, part=part)

    def deliver(self, part: SubOrder) -> None:
        shipment = self.shipments[part.id]
        shipment.follow(ShipmentState.DELIVERED, self.time)
        self._track(shipment, TrackingSource.CARRIER)
        part.deliver(RETURN_DAYS)
        part.delivered_at = self.time
        part.release_at = self.time + timedelta(days=RETURN_DAYS)
        self._step(OrderStepKind.DELIVERED, OrderActor.CARRIER, part=part)

    def _track(self, shipment: Shipment, source: TrackingSource) -> None:
        self.dataset.order_rows.append(
            TrackingEvent(
                id=self.rng.uuid7_at(self.time),
                created_at=self.time,
                shipment_id=shipment.id,
                state=shipment.state,
                source=source,
                at=self.time,
            )
        )

    def release(self, part: SubOrder) -> None:
        self._end(part, SubOrderState.RELEASED)
        self._step(OrderStepKind.RELEASED, PLATFORM, part=part)
        self._end_order()

    def reject(self, part: SubOrder, note: str) -> None:
        """Cancel a part as its vendor, and grant a refund that waits for the transfer."""
        self._step(OrderStepKind.REJECTED, VENDOR, part=part, note=note)
        units = cancel_units([(line, line.open_units) for line in self.lines(part)])
        self._refund(part, units, RefundReason.REJECTED, note)
        self._end(part, SubOrderState.CANCELLED)
        self._end_order()

    def ask_to_return(self, part: SubOrder, note: str) -> ReturnRequest:
        """Ask to return the first line."""
        order, line = self.demo.rows.order, self.lines(part)[0]
        request = ReturnRequest(
            id=self.rng.uuid7_at(self.time),
            created_at=self.time,
            suborder_id=part.id,
            buyer_id=order.user_id,
            reason=note,
        )
        returned = ReturnLine(
            created_at=self.time,
            return_id=request.id,
            line_id=line.id,
            quantity=line.kept_units,
        )
        self.dataset.order_rows += [request, returned]
        kind = OrderStepKind.RETURN_REQUESTED
        self._step(kind, BUYER, order.user_id, part=part, note=note)
        return request

    def take_back(self, part: SubOrder, request: ReturnRequest) -> None:
        """Receive the first line of a part back, and send the money."""
        request.state = ReturnState.RECEIVED
        request.accepted_at, request.ended_at = self.time - timedelta(days=2), self.time
        self._step(OrderStepKind.RETURNED, VENDOR, part=part)
        line = self.lines(part)[0]
        units = refund_units([(line, line.kept_units)], returned=True)
        refund = self._refund(part, units, RefundReason.RETURNED, None)
        if all(one.returned == one.shipped for one in self.lines(part)):
            self._end(part, SubOrderState.RETURNED)
        self._end_order()
        self.wait(4)
        self._settle(refund)

    def _refund(
        self, part: SubOrder, units: Sequence[LineUnits], reason: RefundReason, note: str | None
    ) -> DemoRefund:
        rows = self.demo.rows
        refund = Refund(
            id=self.rng.uuid7_at(self.time),
            created_at=self.time,
            order_id=rows.order.id,
            reason=reason,
            amount=sum(one.line.amount_of(one.start, one.stop) for one in units),
            note=note,
        )
        lines = [
            RefundLine(
                refund_id=refund.id,
                suborder_id=part.id,
                line_id=one.line.id,
                units=Range(one.start, one.stop),
                amount=one.line.amount_of(one.start, one.stop),
                tax=one.line.tax_of(one.start, one.stop),
                restock=True,
            )
            for one in units
        ]
        part.refunded += refund.amount
        rows.order.count_refunded(refund.amount)
        (payment,) = rows.payments
        payment.refunded += refund.amount
        (split,) = (one for one in self.demo.splits if one.suborder_id == part.id)
        split.refunded += refund.amount
        way = RefundPart(
            created_at=self.time,
            refund_id=refund.id,
            payment_id=payment.id,
            provider=payment.provider,
            amount=refund.amount,
        )
        self.dataset.order_rows += [refund, *lines, way]
        found = DemoRefund(refund, lines, way)
        self.demo.refunds.append(found)
        self._step(OrderStepKind.REFUND_GRANTED, VENDOR, part=part)
        for one in units:
            self._move(MovementKind.RETURNED, one.line, one.start, one.stop)
        return found

    def _settle(self, refund: DemoRefund) -> None:
        refund.row.state, refund.row.settled_at = RefundState.SETTLED, self.time
        refund.way.part_state, refund.way.settled_at = RefundPartState.SETTLED, self.time
        refund.way.reference = f"UTR{self.rng.randint(10**11, 10**12 - 1)}"
        self._step(OrderStepKind.REFUND_SETTLED, PLATFORM)

    def _end(self, part: SubOrder, state: SubOrderState) -> None:
        part.become(state)
        part.ended_at = self.time

    def _end_order(self) -> None:
        """End the order if all of its parts have."""
        order, states = self.demo.rows.order, {part.state for part in self.parts}
        if all(state.is_final for state in states):
            cancelled = states == {SubOrderState.CANCELLED}
            order.become(OrderState.CANCELLED if cancelled else OrderState.COMPLETED)
            order.ended_at = self.time
            if not cancelled:
                self._step(OrderStepKind.COMPLETED, PLATFORM)

    def _step(
        self,
        kind: OrderStepKind,
        actor: OrderActor,
        user_id: UUID | None = None,
        *,
        part: SubOrder | None = None,
        note: str | None = None,
    ) -> None:
        given: dict[str, Any] = {"kind": kind, "actor": actor, "user_id": user_id, "note": note}
        self.dataset.order_rows.append(
            OrderStep(
                id=self.rng.uuid7_at(self.time),
                created_at=self.time,
                order_id=self.demo.rows.order.id,
                suborder_id=part.id if part else None,
                **given,
            )
        )

    def _move(self, kind: MovementKind, line: OrderLine, start: int, stop: int) -> None:
        stock = next(one for one in self.dataset.stock if one.variant_id == line.ref_id)
        moved = (stop - start) * (-1 if kind is MovementKind.SOLD else 1)
        stock.on_hand += moved
        stock.changed_at = self.time
        self.dataset.movements.append(
            StockMovement(
                id=self.rng.uuid7_at(self.time),
                created_at=self.time,
                variant_id=line.ref_id,
                kind=kind,
                quantity=moved,
                on_hand=stock.on_hand,
                line_id=line.id,
                units=Range(start, stop),
            )
        )
