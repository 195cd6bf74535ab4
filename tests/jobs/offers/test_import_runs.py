"""Imports of offers that are killed, lost, or run again, and what ends them."""

import asyncio
import signal
from collections import Counter
from datetime import timedelta
from multiprocessing import get_context
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from core.clock import now
from core.database import Database
from core.settings import Settings
from jobs import offers as jobs
from models.catalog.imports import IMPORT_DAYS
from models.offers.imports import OfferImport
from models.quotas import QUOTAS, DailyAct
from services.offers.imports import batches
from services.offers.imports.files import read_offers
from services.transaction import Transactions
from tests.client import gid
from tests.factories.buying import Unheard
from tests.invariants import check_invariants
from tests.jobs.conftest import Defer
from tests.jobs.offers.importer import (
    FILE,
    HEADER,
    SEEN,
    WINDOW,
    OfferImporter,
    outcomes,
    results,
)
from tests.killing import die

GIVE_UP = text("UPDATE procrastinate_jobs SET status = CAST(:status AS procrastinate_job_status)")
THOUSAND = "\n".join([HEADER, *(f"N-{n},Offer number {n},10,{WINDOW}" for n in range(1_000))])


async def test_a_member_who_left_imports_nothing_more(shop: OfferImporter) -> None:
    upload = await shop.upload(FILE)
    await shop.check(upload)
    id = await shop.start(upload, dry=False)
    await shop.world.leaves(shop.member)
    await shop.work()
    async with shop.world.database.session() as session:
        rows = select(OfferImport).where(col(OfferImport.dry_run).is_(False))
        imported = (await session.exec(rows)).one()
    assert (gid(imported), imported.state, imported.failure) == (id, "FAILED", "NOT_PERMITTED")
    assert await shop.offers() == []


async def test_an_import_killed_at_row_700_and_run_again_has_1000_rows_and_reports(
    shop: OfferImporter, settings: Settings, defer: Defer, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = await shop.upload(THOUSAND)
    await shop.check(upload)
    imported = OfferImport(
        vendor_id=shop.vendor.id, user_id=shop.member.id, upload_id=upload.id, dry_run=False
    )
    await shop.world.save(imported)
    record = batches._Batch._record

    def record_until(self: Any, row: Any, *given: Any, **values: Any) -> None:
        if row.number == 750:
            die()
        record(self, row, *given, **values)

    def run() -> None:
        transactions = Transactions(Database(settings.sqlalchemy_url, pool=2), Unheard())
        rows = read_offers(THOUSAND.encode())
        asyncio.run(jobs._import_rows(transactions, imported.id, rows))

    process = get_context("fork").Process(target=run)
    with monkeypatch.context() as patched:
        patched.setattr(batches._Batch, "_record", record_until)
        process.start()
    await asyncio.to_thread(process.join)
    assert process.exitcode == -signal.SIGKILL
    killed = await shop.world.fresh(imported)
    assert (killed.state, killed.created) == ("RUNNING", 700)
    assert len(await shop.offers()) == 700
    for _ in range(2):
        await defer("import_offers", import_id=imported.id)
    await shop.work()
    seen = await shop.see(gid(imported))
    assert (seen["state"], seen["created"], seen["refused"]) == ("DONE", 1_000, 0)
    assert Counter(one.external_id for one in await shop.offers()) == Counter(
        f"N-{n}" for n in range(1_000)
    )
    numbers = [one.number for one in await results(shop) if one.import_id == imported.id]
    assert sorted(numbers) == [*range(1, 1_001)]
    await check_invariants(shop.world.database)


async def test_the_quota_of_imported_offers_refuses_rows(
    shop: OfferImporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dry run does not count: it creates nothing."""
    quota = QUOTAS[DailyAct.IMPORT_OFFER]._replace(per_day=1)
    monkeypatch.setitem(QUOTAS, DailyAct.IMPORT_OFFER, quota._replace(per_day_if_new=1))
    assert outcomes(await shop.check(FILE)) == [("CREATED",)] * 2
    assert outcomes(await shop.run(FILE)) == [
        ("CREATED",),
        ("REFUSED", "DAILY_LIMIT_REACHED", None),
    ]


async def test_lost_and_old_imports_end(shop: OfferImporter, defer: Defer) -> None:
    await shop.check(FILE)
    lost = await shop.start(await shop.upload(FILE), dry=True)
    async with shop.world.database.session() as session, session.begin():
        await session.execute(GIVE_UP, {"status": "failed"})
        done = select(OfferImport).where(OfferImport.created == 2)
        old = (await session.exec(done)).one()
        old.created_at = now() - timedelta(days=IMPORT_DAYS, hours=1)
    for _ in range(2):
        await defer("clean_up", timestamp=0)
        await shop.work()
    seen = await shop.see(lost)
    assert (seen["state"], seen["importFailure"]) == ("FAILED", "INTERRUPTED")
    assert (await shop.client.ask(SEEN, id=gid(old)))["offerImport"] is None
    assert await results(shop) == []
