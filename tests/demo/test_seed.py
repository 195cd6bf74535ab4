"""Seeding an empty database with the demo data."""

from datetime import UTC, datetime

from core.database import JOB_STATEMENT_SECONDS, Database
from core.media.inspection import inspect_file
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from demo.seed import generate_dataset, is_empty, seed_database
from gateways.storage.factory import create_storage
from models.vendors import AddressDraft
from tests import servers
from tests.invariants import check_invariants


async def test_seeded_database_satisfies_all_invariants(
    settings: Settings, keys: SigningKeys, worker_id: str
) -> None:
    name = f"haat_demo_{worker_id}"
    await servers.create_database(name, servers.TEMPLATE)
    url = Settings(database_url=servers.url_of(name)).sqlalchemy_url
    database = Database(url, statement_seconds=JOB_STATEMENT_SECONDS)
    async with database.session() as session:
        assert await is_empty(session)
    await seed_database(database, keys, create_storage(settings, keys), lambda *_: None)
    async with database.session() as session:
        assert not await is_empty(session)
    await check_invariants(database)
    await database.close()


def test_draws_do_not_depend_on_the_time() -> None:
    morning, night = (
        generate_dataset(datetime(2026, 3, 14, hour, tzinfo=UTC), "", lambda *_: None)
        for hour in (4, 20)
    )
    for vendors in zip(morning.vendors, night.vendors, strict=True):
        assert len({vendor.row.name for vendor in vendors}) == 1
    for offers in zip(morning.offers, night.offers, strict=True):
        assert len({offer.row.title["en"] for offer in offers if "en" in offer.row.title}) <= 1
    assert [user.email for user in morning.users] == [user.email for user in night.users]
    assert len(morning.conversations) == len(night.conversations)


def test_vendors_have_addresses_and_pictures() -> None:
    moment = datetime(2026, 3, 14, 4, tzinfo=UTC)
    dataset = generate_dataset(moment, "", lambda *_: None)
    for vendor in dataset.vendors:
        row = vendor.row
        address = AddressDraft(
            street_lines=row.street_lines,
            city=row.city,
            subdivision=row.subdivision,
            postal_code=row.pin_code,
        )
        assert address.in_country(row.country)["subdivision"] == row.subdivision
    pictures = [*dataset.vendor_images, *dataset.offer_pictures]
    shown = len(pictures) + len(dataset.documents)
    assert shown == len(dataset.uploads) == len(dataset.files)
    assert dataset.documents
    assert sum(len(file.content) for file in dataset.files) < 20_000_000
    assert {inspect_file(file.content).type for file in dataset.files} == {
        "image/jpeg",
        "image/png",
    }
