"""Root fields of delivery zones and quotes."""

from typing import Annotated
from uuid import UUID

import strawberry

from core.errors import BadInput
from engine.context import Info
from engine.ids import id_of, optional_id_of
from engine.mutation import mutation
from engine.scalars import BigInt
from engine.types import field
from models import vendors as vendor_rows
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.shipping.zones import MAX_AMOUNT, MAX_RATES
from schema.shipping.inputs import DeliveryPlaceInput, SetShippingZonesInput
from schema.shipping.types import DeliveryOption
from schema.vendors.types import Vendor
from services.shipping import options, zones

OfVendor = Annotated[UUID, id_of("Vendor", "The vendor's id.")]
ToAddress = Annotated[
    UUID | None, optional_id_of("SavedAddress", "One of the viewer's addresses. Or `place`.")
]
ToPlace = Annotated[
    DeliveryPlaceInput | None, strawberry.argument(description="A place. Or `addressId`.")
]
Goods = Annotated[
    BigInt,
    strawberry.argument(
        description="The value of the goods after discounts, in minor units of the vendor's"
        " currency."
    ),
]
Weight = Annotated[BigInt, strawberry.argument(description="The weight of the parcel in grams.")]

NOTHING = BigInt(0)


@strawberry.type
class ShippingQuery:
    @field(
        "The rates at which a vendor delivers a parcel to a place, the cheapest first. Empty if it"
        " does not deliver there, or does not exist.",
        cost=5,
        size=MAX_RATES,
    )
    async def delivery_options(
        self,
        info: Info,
        vendor_id: OfVendor,
        goods_minor: Goods = NOTHING,
        weight_grams: Weight = NOTHING,
        address_id: ToAddress = None,
        place: ToPlace = None,
    ) -> list[DeliveryOption]:
        if not (0 <= goods_minor <= MAX_AMOUNT and 0 <= weight_grams <= MAX_AMOUNT):
            raise BadInput("Enter a value and a weight that are not negative.")
        viewer, sealer = info.context.viewer, info.context.app.sealer
        async with info.context.read_session() as session:
            try:
                match address_id, place:
                    case UUID(), None:
                        to = await options.find_destination(session, viewer, sealer, address_id)
                    case None, DeliveryPlaceInput():
                        to = place.destination()
                    case _:
                        raise BadInput("Choose one of your addresses, or enter a place.")
                found = await options.list_delivery_options(
                    session,
                    viewer,
                    vendor_id=vendor_id,
                    destination=to,
                    goods=goods_minor,
                    weight_g=weight_grams,
                )
            except NotFound:
                return []
        return [DeliveryOption.of(one) for one in found]


@strawberry.type
class ShippingMutation:
    @mutation(
        vendor=Vendor,
        audit=AuditAct.SET_SHIPPING_ZONES,
        raises=(InvalidInput, NotFound),
        repeatable="sets values",
    )
    async def set_shipping_zones(
        self, info: Info, input: SetShippingZonesInput
    ) -> vendor_rows.Vendor:
        """Replace the delivery zones and rates of a vendor. Requires its MANAGER or OWNER role."""
        drafts = input.drafts()
        async with info.context.transaction() as session:
            return await zones.set_shipping_zones(
                session, info.context.viewer, vendor_id=input.vendor_id, zones=drafts
            )
