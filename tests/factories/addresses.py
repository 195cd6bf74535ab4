"""Saved addresses."""

from typing import Any

from core.ids import new_id
from core.security.sealed import Sealer
from models.addresses import SavedAddress, SavedAddressDraft
from models.identity.accounts import User
from tests.factories.base import RowStore

BENGALURU: dict[str, Any] = {
    "country": "IN",
    "recipient": "Asha Rao",
    "street_lines": ["12 MG Road"],
    "city": "Bengaluru",
    "subdivision": "Karnataka",
    "postal_code": "560001",
}


class AddressRows(RowStore):
    """Creates saved addresses."""

    async def address(self, user: User, *, is_default: bool = False, **values: Any) -> SavedAddress:
        address = SavedAddress(
            id=new_id(), user_id=user.id, country="", details=b"", is_default=is_default
        )
        address.seal_details(Sealer(self.keys), SavedAddressDraft(**BENGALURU | values))
        await self.save(address)
        return address
