"""Two runs of one import, and two imports of the same articles, at once."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from core.ids import new_id
from jobs.catalog import _import_row
from models.catalog.imports import ImportState, ProductImport, ProductImportRow
from models.catalog.variants import Variant
from services.catalog.imports import results
from services.catalog.imports.files import FileRow, read_file
from services.transaction import Transactions
from services.vendors.access import access_vendor
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.meeting import Meeting

SKUS = [f"MUG-{number}" for number in range(20)]
ROWS = read_file("\n".join(["sku,title,price", *(f"{sku},A mug,1" for sku in SKUS)]).encode())


async def running_imports(world: World, number: int) -> list[ProductImport]:
    owner = await world.user()
    vendor = await world.vendor(owner)
    imports = [
        ProductImport(
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


async def run(database: Database, imported: ProductImport, rows: Sequence[FileRow] = ROWS) -> None:
    transactions = Transactions(database, Unheard())
    for row in rows:
        await _import_row(transactions, imported.id, row)


async def outcomes(database: Database) -> Counter[str]:
    async with database.session() as session:
        return Counter((await session.exec(select(ProductImportRow.outcome))).all())


async def skus(database: Database) -> list[str]:
    async with database.session() as session:
        return sorted((await session.exec(select(Variant.sku))).all())


async def test_two_runs_of_an_import_do_no_row_twice(world: World, database: Database) -> None:
    """The job of a worker that seemed to have died runs again, while its first run goes on."""
    (imported,) = await running_imports(world, 1)
    await asyncio.gather(run(database, imported), run(database, imported))
    assert await outcomes(database) == {"CREATED": len(ROWS)}
    assert (await world.fresh(imported)).created == len(ROWS)
    assert await skus(database) == sorted(SKUS)
    await check_invariants(database)


async def test_two_runs_do_a_row_twice_without_the_lock(
    drop: Drop, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await drop("product_import_row_import_id_number_key")
    monkeypatch.setattr(results, "for_change", lambda rows: rows)
    monkeypatch.setattr(results, "access_vendor", Meeting().before(access_vendor))
    (imported,) = await running_imports(world, 1)
    await asyncio.gather(run(database, imported, ROWS[:1]), run(database, imported, ROWS[:1]))
    assert sum((await outcomes(database)).values()) == 2


async def test_of_two_imports_at_once_the_later_one_finds_what_is_there(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have looked before either creates the article."""
    imports = await running_imports(world, 2)
    monkeypatch.setattr(results, "access_vendor", Meeting().before(access_vendor))
    await asyncio.gather(*(run(database, one) for one in imports))
    assert await outcomes(database) == {"CREATED": len(ROWS), "UNCHANGED": len(ROWS)}
    assert await skus(database) == sorted(SKUS)
    await check_invariants(database)


async def test_the_later_one_is_refused_unless_it_looks_again(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    imports = await running_imports(world, 2)
    monkeypatch.setattr(results, "access_vendor", Meeting().before(access_vendor))

    async def find_nothing(session: AsyncSession, vendor_id: UUID, sku: str | None) -> None:
        return None

    monkeypatch.setattr(results, "_find_variant", find_nothing)
    await asyncio.gather(*(run(database, one, ROWS[:1]) for one in imports))
    assert await outcomes(database) == {"CREATED": 1, "REFUSED": 1}
