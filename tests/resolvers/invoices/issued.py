"""A sold order whose first part has an invoice with a PDF, and those who may and may not see it."""

import hashlib
from dataclasses import dataclass
from typing import Any, Self

import httpx

from gateways.storage.base import ObjectStorage
from models.identity.accounts import User
from models.invoices.invoices import Invoice
from models.vendors import MemberRole
from services.invoices.content.suborders import issue_suborder
from services.transaction import Transactions
from tests.client import Client
from tests.factories.buying import Unheard
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.orders.handling import SoldOrder

PDF = b"%PDF-1.7 a document"


@dataclass
class IssuedInvoice:
    """The invoice of the first part of a sold order. `manager` is of its vendor."""

    sale: SoldOrder
    invoice: Invoice
    manager: User

    @classmethod
    async def make(cls, world: World, api: Client, *, rendered: bool = True, **values: Any) -> Self:
        sale = await SoldOrder.make(world, api, **values)
        manager = await new_member(world, sale.vendor, MemberRole.MANAGER)
        async with Transactions(world.database, Unheard()).begin() as session:
            invoice = await issue_suborder(session, world.sealer, sale.part.id)
        assert invoice
        found = cls(sale, invoice, manager)
        if rendered:
            await found.render()
        return found

    async def render(self) -> None:
        async with self.sale.world.database.session() as session, session.begin():
            row = await session.get_one(Invoice, self.invoice.id)
            row.render(hashlib.sha256(PDF).digest())

    async def store(self, objects: ObjectStorage, content: bytes = PDF) -> None:
        await objects.write(self.invoice.key, content, "application/pdf")

    async def outsiders(self) -> dict[str, User]:
        """Return users who may not see it."""
        world = self.sale.world
        return {
            "another buyer": await world.user(),
            "a member with the STAFF role": self.sale.staff,
            "another vendor's member": await new_member(
                world, self.sale.vendors[1], MemberRole.OWNER
            ),
        }

    async def insiders(self) -> dict[str, User]:
        return {
            "the buyer": self.sale.user,
            "a manager": self.manager,
            "an admin": await self.sale.world.admin(),
        }


async def download(client: Client, link: str) -> httpx.Response:
    """Follow a link without a token: a browser sends none."""
    return await client.http.get("/" + link.split("/", 3)[3])
