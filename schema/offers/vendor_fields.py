"""Fields of Vendor about its imports of offers."""

from typing import Any

import strawberry

from core.keyset import Listing
from dataloaders.vendors import own_membership
from engine.connections import connection
from engine.permissions import visible_to_members
from models import vendors as rows
from models.members import Permission
from schema.lazy import LazyOfferImportConnection
from services.offers.imports.imports import list_imports
from services.vendors.access import may_do


@strawberry.type
class OfferVendorFields:
    """A base of Vendor, not a type of the schema."""

    @visible_to_members(own_membership, may_do(Permission.EDIT_OFFERS), admins=True)
    @connection(
        LazyOfferImportConnection,
        "The imports of offers, newest first. Subscription: `offerImportChanges`. Visible to"
        " members with the MANAGER role or higher, and admins.",
        needs=("id",),
    )
    def offer_imports(root: strawberry.Parent[rows.Vendor]) -> Listing[Any]:
        return list_imports(root.id)
