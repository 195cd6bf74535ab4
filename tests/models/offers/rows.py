"""The offer of the till, liked, counted, suggested, with a version of its terms, and an import."""

from core.ids import new_id
from models.catalog.imports import ImportOutcome, ImportState
from models.offers.imports import OfferImport, OfferImportRow
from models.offers.terms import OfferTerms
from models.offers.vocabulary import TermChange
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await world.like(till.offer, till.customer)
    await world.count_words()
    await world.suggest_names()
    await world.count_listings()
    await world.save(TermChange(added="'tea'"))
    await world.save(OfferTerms(offer_id=till.offer.id, version=1, currency="INR", locale="en"))
    imported = OfferImport(
        vendor_id=till.vendor.id,
        user_id=till.customer.id,
        upload_id=new_id(),
        dry_run=True,
        state=ImportState.RUNNING,
        row_count=1,
        refused=1,
    )
    refused = OfferImportRow(
        import_id=imported.id,
        number=1,
        external_id="A-1",
        outcome=ImportOutcome.REFUSED,
        code="INVALID_INPUT",
        message="Must not be empty.",
    )
    await world.save(imported, refused)
