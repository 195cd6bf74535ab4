"""Shipments of a paid order, and where they are."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.clock import now
from models.orders.orders import SubOrder
from models.orders.states import SubOrderState
from tests.client import Client
from tests.resolvers.orders.handling import SoldOrder

SHIPMENT = """shipment { id parcelNumber state carrier trackingNumber shippedAt endedAt
    suborder { state }
    shippedLines { quantity line { id shipped } }
    tracking(first: 50) { state source at place } }"""


@dataclass
class Parcels:
    """The shipments of the first part of a sale."""

    sale: SoldOrder

    async def ship(self, quantity: int, key: str = "one", **values: Any) -> dict[str, Any]:
        """Ship units of the first line. Return the payload."""
        given = {
            "suborderId": self.sale.chosen(1)["suborderId"],
            "lines": self.sale.units(quantity),
            "idempotencyKey": key,
        }
        return await self.sale.seller.do("createShipment", given | values, SHIPMENT)

    async def shipped(self, quantity: int, key: str = "one", **values: Any) -> str:
        """Ship units. Return the id of the shipment."""
        payload = await self.ship(quantity, key, **values)
        assert payload["errors"] == []
        id: str = payload["shipment"]["id"]
        return id

    async def report(
        self, id: str, state: str, seconds: int = 0, by: Client | None = None, **values: Any
    ) -> dict[str, Any]:
        """Report a state of so many seconds after the order. Return the payload."""
        at = self.sale.placed.order.created_at + timedelta(seconds=seconds)
        given = {"shipmentId": id, "state": state, "at": at.isoformat(), **values}
        return await (by or self.sale.seller).do("addTrackingEvent", given, SHIPMENT)

    async def state(self) -> SubOrderState:
        part: SubOrder = await self.sale.world.fresh(self.sale.part)
        return part.state

    async def notices(self) -> list[str]:
        """Return the kinds of the buyer's notifications, newest first."""
        query = "{ viewer { notifications { nodes { kind } } } }"
        found = await self.sale.buyer.ask(query)
        return [one["kind"] for one in found["viewer"]["notifications"]["nodes"]]


def tomorrow() -> str:
    return (now() + timedelta(days=1)).isoformat()
