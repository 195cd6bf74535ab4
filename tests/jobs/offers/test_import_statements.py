"""The statements of a batch of an import: as many for its hundredth row as for its second."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlmodel import select

from core.clock import now
from models.offers.imports import OfferImport
from models.offers.offers import OfferState
from models.offers.rules import OfferRules
from models.offers.terms import OfferTerms, read_rules
from services.offers.imports.batches import BATCH_SIZE, import_batch
from services.offers.imports.files import OfferRow, read_offers
from services.offers.imports.imports import start_import
from services.offers.offers import access_managed_offer
from services.offers.terms import write_terms
from services.transaction import Transactions
from services.viewer import Viewer
from tests.jobs.offers.importer import HEADER, WINDOW, OfferImporter
from tests.resolvers.counting import captured

COLUMNS = f"{HEADER},category,publish_at,terms"


def rows(number: int, *, prefix: str = "N", **changes: str) -> Sequence[OfferRow]:
    """Return rows of a file, all of which have a category and a time of publication."""
    cells = {"title": "Tea", "window": WINDOW, "at": "2029-12-01", "terms": ""} | changes
    last = "{title},10,{window},cafes,{at},{terms}".format(**cells)
    lines = [f"{prefix}-{n},{last}" for n in range(number)]
    return read_offers("\n".join([COLUMNS, *lines]).encode())


async def sent(
    shop: OfferImporter, transactions: Transactions, batch: Sequence[OfferRow], *, dry: bool = False
) -> list[str]:
    """Return the statements of the import of a batch."""
    upload = await shop.upload(HEADER)
    imported = OfferImport(
        vendor_id=shop.vendor.id, user_id=shop.member.id, upload_id=upload.id, dry_run=dry
    )
    await shop.world.save(imported)
    async with transactions.begin() as session:
        await start_import(session, imported.id, len(batch))
    with captured() as seen:
        async with transactions.begin() as session:
            await import_batch(session, imported.id, batch)
    return [statement for statement, _ in seen]


async def counts(shop: OfferImporter, transactions: Transactions, **values: Any) -> list[int]:
    """Return the number of statements of a batch of 2 rows, and of one of 100."""
    return [
        len(await sent(shop, transactions, rows(number, **values))) for number in (2, BATCH_SIZE)
    ]


@pytest.fixture(autouse=True)
async def cafes(shop: OfferImporter) -> None:
    await shop.world.category("cafes")


async def test_a_hundred_rows_take_the_statements_of_two(
    shop: OfferImporter, transactions: Transactions
) -> None:
    for dry in (True, False):
        two = await sent(shop, transactions, rows(2, prefix="FEW"), dry=dry)
        many = await sent(shop, transactions, rows(BATCH_SIZE), dry=dry)
        assert len(two) == len(many) <= 17
    assert len(await shop.offers()) == 2 + BATCH_SIZE
    for change in ({}, {"title": "Coffee"}, {"at": "2029-12-02"}, {"terms": "One a table"}):
        few, many_of_them = await counts(shop, transactions, **change)
        assert few == many_of_them <= 15, change


async def test_edits_of_published_offers_with_rules_take_the_statements_of_two(
    shop: OfferImporter, transactions: Transactions
) -> None:
    await sent(shop, transactions, rows(BATCH_SIZE))
    async with transactions.begin() as session:
        for one in await shop.offers():
            offer = await access_managed_offer(session, Viewer(shop.member.id), one.id)
            offer.publish_at, offer.published_at = None, now()
            offer.state = OfferState.PUBLISHED
            await write_terms(session, offer, OfferRules(first_visit=True))
    change = {"window": "2030-01-01,2030-02-15", "terms": "One a table"}
    few, many = await counts(shop, transactions, **change)
    assert few == many <= 19
    async with transactions.begin() as session:
        terms = (await session.exec(select(OfferTerms).where(OfferTerms.version == 2))).all()
    assert len(terms) == BATCH_SIZE
    assert {read_rules(one.rules) for one in terms} == {OfferRules(first_visit=True)}
    assert [one.text for one in terms] == [{"en": "One a table"}] * BATCH_SIZE
