"""The steps of an application to become a vendor: its input, and what is shown of it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from strawberry.relay import from_base64

from core.ids import new_id
from models.identity.accounts import User
from tests.client import Client, gid
from tests.factories.applications import GSTIN
from tests.factories.world import World

SHOWN = """application {
  id state revision reason taxKind taxId submittedAt decidedAt
  vendor { id name status viewerRole address { formatted } category { id } }
  applicant { id } decider { id }
  documents { id fileName url purpose }
}"""
ADDRESS = {
    "streetLines": ["12 MG Road"],
    "city": "Bengaluru",
    "postalCode": "560 001",
    "subdivision": "Karnataka",
}
DECISIONS = ("approveVendor", "rejectVendor", "requestVendorChanges")


@dataclass(frozen=True)
class Applicant:
    """A user with documents, and the admin who decides."""

    world: World
    user: User
    client: Client
    admin: Client
    category: str

    @classmethod
    async def enter(cls, world: World, api: Client) -> "Applicant":
        user, admin = await world.user(), await world.admin()
        category = gid(await world.category())
        return cls(world, user, api.signed_in(user), api.signed_in(admin), category)

    async def given(self, **changes: Any) -> dict[str, Any]:
        """Return the input of `applyAsVendor`."""
        return {
            "name": " Corner  Café ",
            "categoryId": self.category,
            "country": "IN",
            "address": ADDRESS,
            "latitude": 12.9716,
            "longitude": 77.5946,
            "timeZone": "Asia/Kolkata",
            "currency": "INR",
            "taxId": GSTIN.lower(),
            "documentUploadIds": [gid(await self.world.document(self.user))],
            "idempotencyKey": str(new_id()),
        } | changes

    async def apply(self, **changes: Any) -> dict[str, Any]:
        """Apply, and return the application."""
        done = await self.client.do("applyAsVendor", await self.given(**changes), SHOWN)
        assert done["errors"] == []
        application: dict[str, Any] = done["application"]
        return application

    async def decide(
        self, name: str, application: dict[str, Any], client: Client | None = None
    ) -> dict[str, Any]:
        return await (client or self.admin).do(name, decision(name, application), SHOWN)

    async def resubmit(self, application: dict[str, Any], **changes: Any) -> dict[str, Any]:
        given = {"applicationId": application["id"], "revision": application["revision"]}
        return await self.client.do("resubmitApplication", given | changes, SHOWN)


def decision(name: str, application: dict[str, Any]) -> dict[str, Any]:
    """Return the input of an admin's decision on what they have read."""
    given = {"applicationId": application["id"], "revision": application["revision"]}
    return given if name == "approveVendor" else given | {"reason": " The licence has expired. "}


def row_id(id: str) -> UUID:
    return UUID(from_base64(id)[1])


async def stored(world: World, table: type[Any], id: str) -> Any:
    """Return the row with a global id, as the database has it now."""
    async with world.database.session() as session:
        return await session.get_one(table, row_id(id))


def codes(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["errors"]]
