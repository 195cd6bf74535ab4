"""The parties of documents, as they are at the moment of the issue."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from models.addresses import PostalAddress
from models.identity.accounts import User
from models.invoices.content import InvoiceParty
from models.orders.orders import Order
from models.taxes.registrations import TaxRegistration
from models.vendors import Vendor


async def find_registrations(session: AsyncSession, vendor_id: UUID) -> list[TaxRegistration]:
    """Return the registrations of a vendor for taxes."""
    rows = select(TaxRegistration).where(TaxRegistration.vendor_id == vendor_id)
    return list((await session.exec(rows.order_by(col(TaxRegistration.id)))).all())


def vendor_party(
    vendor: Vendor, registration: TaxRegistration | None, sealer: Sealer
) -> InvoiceParty:
    """Return a vendor with the number of the registration under which it sells or buys."""
    return InvoiceParty(
        name=vendor.name,
        country=vendor.country,
        street_lines=tuple(vendor.street_lines),
        city=vendor.city,
        subdivision=vendor.subdivision,
        postal_code=vendor.pin_code,
        tax_id=registration.open_number(sealer) if registration else None,
    )


async def find_vendor_party(session: AsyncSession, sealer: Sealer, vendor: Vendor) -> InvoiceParty:
    """Return a vendor that buys, with the number of its own place if it is registered there."""
    found = await find_registrations(session, vendor.id)
    own = [one for one in found if one.country == vendor.country]
    own.sort(key=lambda one: (one.region != vendor.subdivision, one.region or ""))
    return vendor_party(vendor, own[0] if own else None, sealer)


def open_address(sealer: Sealer, order: Order) -> PostalAddress | None:
    """Return the address that is billed, else that of the delivery."""
    return _open_first(sealer, order, "bill_to", "ship_to")


def open_destination(sealer: Sealer, order: Order) -> PostalAddress | None:
    """Return the address of the delivery, else the one that is billed."""
    return _open_first(sealer, order, "ship_to", "bill_to")


def _open_first(sealer: Sealer, order: Order, *columns: str) -> PostalAddress | None:
    for column in columns:
        if (value := getattr(order, column)) is not None:
            return PostalAddress.open(sealer, f"order.{column}", order.id, value)
    return None


def open_tax_id(sealer: Sealer, order: Order) -> str | None:
    if order.buyer_tax_id is None:
        return None
    return sealer.open("order.buyer_tax_id", order.id, order.buyer_tax_id).decode()


def buyer_party(user: User, order: Order, sealer: Sealer) -> InvoiceParty:
    """Return the buyer of an order. Orders of digital goods may have no address."""
    address = open_address(sealer, order)
    tax_id = open_tax_id(sealer, order)
    if address is None:
        return InvoiceParty(name=user.name, country=order.country, tax_id=tax_id)
    details = address.details
    return InvoiceParty(
        name=details.recipient,
        company=details.company,
        country=address.country,
        street_lines=tuple(details.street_lines),
        city=details.city,
        subdivision=details.subdivision,
        postal_code=details.pin_code,
        tax_id=tax_id,
    )
