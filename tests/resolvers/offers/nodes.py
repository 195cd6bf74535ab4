"""An offer that is a draft, a city, which is suggested, and an import of offers with a row."""

from sqlmodel import SQLModel

from core.ids import new_id
from models.catalog.imports import ImportOutcome
from models.offers.imports import OfferImport, OfferImportRow
from models.offers.listings import City
from tests.resolvers.scene import ADMIN, ANYONE, OWNER, Scene

SEEN_BY = {
    "Offer": {OWNER, ADMIN},
    "City": {*ANYONE},
    "OfferImport": {OWNER, ADMIN},
    "OfferImportRow": {OWNER, ADMIN},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    await scene.world.suggest_names()
    imported = OfferImport(
        vendor_id=scene.vendor.id, user_id=scene.customer.id, upload_id=new_id(), dry_run=True
    )
    row = OfferImportRow(import_id=imported.id, number=1, outcome=ImportOutcome.CREATED)
    await scene.world.save(imported, row)
    return {
        "Offer": scene.offer,
        "City": await scene.world.first(City),
        "OfferImport": imported,
        "OfferImportRow": row,
    }
