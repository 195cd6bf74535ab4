"""Two imports of one file, and two runs of one import, in two processes at once."""

import asyncio
from collections import Counter
from multiprocessing import get_context
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from core.database import Database
from core.ids import new_id
from core.settings import Settings
from jobs import offers as jobs
from models.catalog.imports import ImportState
from models.offers.imports import OfferImport, OfferImportRow
from models.offers.offers import Offer
from services.offers.imports import batches
from services.offers.imports.files import read_offers
from services.transaction import Transactions
from services.vendors.access import access_vendor
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.meeting import Meeting, held

IDS = [f"N-{number}" for number in range(250)]
HEADER = "id,title,percent,starts_at,ends_at"
ROWS = read_offers(
    "\n".join([HEADER, *(f"{id},Tea,10,2030-01-01,2030-01-31" for id in IDS)]).encode()
)
ONE_KEY = "offer_vendor_id_external_id_key"
COUNTS = "offer_import_counts_check"
ONE_RESULT = "offer_import_row_import_id_number_key"


async def running_imports(world: World, number: int) -> list[OfferImport]:
    owner = await world.user()
    vendor = await world.vendor(owner)
    imports = [
        OfferImport(
            vendor_id=vendor.id,
            user_id=owner.id,
            upload_id=new_id(),
            dry_run=False,
            state=ImportState.RUNNING,
            row_count=len(ROWS),
        )
        for _ in range(number)
    ]
    await world.save(*imports)
    return imports


async def run(database: Database, imported: OfferImport, rows: Any = ROWS) -> None:
    await jobs._import_rows(Transactions(database, Unheard()), imported.id, rows)


async def outcomes(database: Database) -> Counter[str]:
    async with database.session() as session:
        return Counter((await session.exec(select(OfferImportRow.outcome))).all())


async def ids(database: Database) -> list[str | None]:
    async with database.session() as session:
        return sorted((await session.exec(select(Offer.external_id))).all(), key=str)


async def run_in_processes(settings: Settings, database: Database, *given: OfferImport) -> None:
    """Run imports in a process each, as workers do. They begin together, at the vendor's lock."""

    def work(imported: OfferImport) -> None:
        asyncio.run(run(Database(settings.sqlalchemy_url, pool=2), imported))

    context = get_context("fork")
    processes = [context.Process(target=work, args=(one,)) for one in given]
    lock = f"SELECT id FROM vendor WHERE id = '{given[0].vendor_id}' FOR UPDATE"
    async with held(database, lock, waiting=len(processes)):
        for process in processes:
            process.start()
    for process in processes:
        await asyncio.to_thread(process.join)
    assert [process.exitcode for process in processes] == [0] * len(processes)


async def test_of_two_imports_of_a_file_one_creates_the_offers(
    world: World, database: Database, settings: Settings
) -> None:
    imports = await running_imports(world, 2)
    await run_in_processes(settings, database, *imports)
    assert await outcomes(database) == {"CREATED": len(IDS), "UNCHANGED": len(IDS)}
    assert await ids(database) == sorted(IDS)
    for imported in imports:
        assert (await world.fresh(imported)).done_rows == len(IDS)
    await check_invariants(database)


async def test_two_imports_create_offers_twice_without_the_locks(
    drop: Drop, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both have looked before either creates the offers."""
    await drop(ONE_KEY)
    imports = await running_imports(world, 2)
    forget_the_vendor_lock(monkeypatch)
    monkeypatch.setattr(batches, "_find_categories", Meeting().before(batches._find_categories))
    await asyncio.gather(*(run(database, one, ROWS[:2]) for one in imports))
    assert await ids(database) == ["N-0", "N-0", "N-1", "N-1"]


async def test_the_key_refuses_the_later_of_two_imports_without_the_locks(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its job fails, and does its rows when it is tried again."""
    imports = await running_imports(world, 2)
    forget_the_vendor_lock(monkeypatch)
    monkeypatch.setattr(batches, "_find_categories", Meeting().before(batches._find_categories))
    both = [run(database, one, ROWS[:2]) for one in imports]
    failed = [one for one in await asyncio.gather(*both, return_exceptions=True) if one]
    assert [type(one) for one in failed] == [IntegrityError]
    for imported in imports:
        await run(database, imported, ROWS[:2])
    assert await outcomes(database) == {"CREATED": 2, "UNCHANGED": 2}
    assert await ids(database) == ["N-0", "N-1"]


def forget_the_vendor_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    async def shared(*given: Any, **values: Any) -> Any:
        return await access_vendor(*given, **values | {"change": False})

    monkeypatch.setattr(batches, "access_vendor", shared)


async def test_two_runs_of_an_import_do_no_row_twice(
    world: World, database: Database, settings: Settings
) -> None:
    """The job of a worker that seemed to have died runs again, while its first run goes on."""
    (imported,) = await running_imports(world, 1)
    await run_in_processes(settings, database, imported, imported)
    assert await outcomes(database) == {"CREATED": len(IDS)}
    assert (await world.fresh(imported)).created == len(IDS)
    assert await ids(database) == sorted(IDS)
    await check_invariants(database)


async def test_two_runs_do_a_row_twice_without_the_lock(
    drop: Drop, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for guard in (ONE_RESULT, COUNTS):
        await drop(guard)
    (imported,) = await running_imports(world, 1)

    async def unlocked(session: Any, import_id: Any) -> OfferImport:
        found: OfferImport = await session.get_one(OfferImport, import_id)
        return found

    monkeypatch.setattr(batches, "lock_import", Meeting().after(unlocked))
    await asyncio.gather(*(run(database, imported, ROWS[:1]) for _ in range(2)))
    async with database.session() as session:
        results = await session.execute(text("SELECT count(*) FROM offer_import_row"))
    assert results.scalar_one() == 2
