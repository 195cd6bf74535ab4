"""Imports of products: checked, applied row by row, and continued by a second run."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, func, select

from core.clock import now
from core.ids import new_id
from jobs.context import WorkerContext
from models.catalog.imports import IMPORT_DAYS, MAX_IMPORT_ROWS, ProductImport, ProductImportRow
from models.catalog.products import MAX_PRODUCTS, Product, ProductState
from models.catalog.variants import Variant
from models.identity.accounts import User
from models.quotas import QUOTAS, DailyAct
from models.uploads import ATTACH_WINDOW, Upload, UploadPurpose, UploadState
from models.vendors import MemberRole, Vendor
from services.catalog.imports import results
from tests.client import Client, gid
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.conftest import Defer, Work

IMPORT = "productImport { id state dryRun }"
SEEN = """query ($id: ID!) { productImport(id: $id) {
    state failure rowCount created updated unchanged refused finishedAt
    results { totalCount nodes { rowNumber sku result columnName code explanation } } } }"""
NOTIFIED = """{ viewer { notifications {
    nodes { kind subject { ... on ProductImport { dryRun } } } } } }"""
OF_VENDOR = "query ($id: ID!) { vendor(id: $id) { productImports { nodes { id } } } }"
GIVE_UP = text("UPDATE procrastinate_jobs SET status = CAST(:status AS procrastinate_job_status)")
FILE = """sku;Title;description;price;on_hand;tracks_stock
MUG;Blue mug;"Holds ""tea"";\nand coffee";12.50;3;yes
PLATE;Plate;;8;;
"""


@dataclass
class Importer:
    """A vendor, and a manager who imports products."""

    world: World
    api: Client
    worker: WorkerContext
    work: Work
    vendor: Vendor
    member: User

    @property
    def client(self) -> Client:
        return self.api.signed_in(self.member)

    async def upload(self, file: str | bytes, **values: Any) -> Upload:
        content = file.encode() if isinstance(file, str) else file
        key = f"kept/{new_id()}"
        await self.worker.objects.write(key, content, "text/plain")
        given = {
            "purpose": UploadPurpose.DOCUMENT,
            "state": UploadState.READY,
            "size": len(content),
            "key": key,
            "expires_at": now() + ATTACH_WINDOW,
        } | values
        return await self.world.upload(self.member, **given)

    def input(self, upload: Upload, *, dry: bool = False, key: str = "first") -> dict[str, Any]:
        return {
            "vendorId": gid(self.vendor),
            "uploadId": gid(upload),
            "dryRun": dry,
            "idempotencyKey": key,
        }

    async def start(self, file: str | bytes | Upload, *, dry: bool = False, key: str = "") -> str:
        upload = file if isinstance(file, Upload) else await self.upload(file)
        given = self.input(upload, dry=dry, key=key or str(new_id()))
        answer = await self.client.do("importProducts", given, IMPORT)
        assert answer["productImport"]["state"] == "QUEUED"
        return str(answer["productImport"]["id"])

    async def run(self, file: str | bytes | Upload, *, dry: bool = False) -> dict[str, Any]:
        id = await self.start(file, dry=dry)
        await self.work()
        return await self.see(id)

    async def see(self, id: str) -> dict[str, Any]:
        seen: dict[str, Any] = (await self.client.ask(SEEN, id=id))["productImport"]
        return seen

    async def prices(self) -> dict[str, int]:
        rows = select(Variant.sku, Variant.price).where(Variant.vendor_id == self.vendor.id)
        async with self.world.database.session() as session:
            return dict((await session.exec(rows)).all())


@pytest.fixture
async def shop(world: World, api: Client, worker_context: WorkerContext, work: Work) -> Importer:
    vendor = await world.vendor(await world.user())
    member = await new_member(world, vendor, MemberRole.MANAGER)
    return Importer(world, api, worker_context, work, vendor, member)


def outcomes(seen: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        (one["result"], *([one["code"], one["columnName"]] if one["code"] else []))
        for one in seen["results"]["nodes"]
    ]


async def test_a_dry_run_changes_nothing_and_the_same_file_is_imported_afterwards(
    shop: Importer,
) -> None:
    upload = await shop.upload("\ufeff" + FILE)
    dry = await shop.run(upload, dry=True)
    assert (dry["state"], dry["created"], dry["rowCount"]) == ("DONE", 2, 2)
    assert outcomes(dry) == [("CREATED",), ("CREATED",)]
    assert await shop.prices() == {}
    notified = await shop.client.ask(NOTIFIED)
    assert notified["viewer"]["notifications"]["nodes"] == [
        {"kind": "PRODUCTS_IMPORTED", "subject": {"dryRun": True}}
    ]
    done = await shop.run(upload)
    assert outcomes(done) == [("CREATED",), ("CREATED",)]
    assert await shop.prices() == {"MUG": 1250, "PLATE": 800}
    assert await shop.world.fresh(upload) is None
    rows = select(Product).where(Product.vendor_id == shop.vendor.id).order_by(col(Product.id))
    async with shop.world.database.session() as session:
        mug, _ = (await session.exec(rows)).all()
    assert mug.state is ProductState.DRAFT
    assert mug.title == {shop.vendor.locale: "Blue mug"}
    assert mug.description == {shop.vendor.locale: 'Holds "tea";\nand coffee'}
    await check_invariants(shop.world.database)


async def test_rows_update_what_has_their_sku_and_empty_cells_change_nothing(
    shop: Importer,
) -> None:
    await shop.run(FILE)
    seen = await shop.run("SKU,PRICE,TITLE\nMUG,13,\nPLATE,8.00,Plate\n")
    assert outcomes(seen) == [("UPDATED",), ("UNCHANGED",)]
    assert (seen["updated"], seen["unchanged"], seen["refused"]) == (1, 1, 0)
    assert await shop.prices() == {"MUG": 1300, "PLATE": 800}


async def test_each_row_that_is_refused_has_its_reason(shop: Importer) -> None:
    header = "sku,title,price,compare_at,tracks_stock,weight_g,tax_class,hsn_code"
    rows = [
        "A,Fine,1.00,,,,,",
        "A,Again,1.00,,,,,",
        ",No number,1.00,,,,,",
        f"{'x' * 41},Long number,1.00,,,,,",
        "B,,1.00,,,,,",
        "C,x,1.00,,,,,",
        "D,No price,,,,,,",
        'E,Comma,"1,50",,,,,',
        "F,Places,1.505,,,,,",
        "G,Lower,2.00,1.00,,,,",
        "H,Switch,1.00,,maybe,,,",
        "I,Weight,1.00,,,1kg,,",
        "J,Tax,1.00,,,,MUCH,",
        "K,Code,1.00,,,,,12",
        "L,Cells,1.00,,,,,,more",
        "A\u202eB,Hidden,1.00,,,,,",
    ]
    seen = await shop.run("\n".join([header, *rows]))
    assert outcomes(seen) == [
        ("CREATED",),
        ("REFUSED", "INVALID_INPUT", "SKU"),
        ("REFUSED", "INVALID_INPUT", "SKU"),
        ("REFUSED", "INVALID_INPUT", "SKU"),
        ("REFUSED", "INVALID_INPUT", "TITLE"),
        ("REFUSED", "INVALID_INPUT", "TITLE"),
        ("REFUSED", "INVALID_INPUT", "PRICE"),
        ("REFUSED", "INVALID_INPUT", "PRICE"),
        ("REFUSED", "INVALID_INPUT", "PRICE"),
        ("REFUSED", "INVALID_INPUT", "COMPARE_AT"),
        ("REFUSED", "INVALID_INPUT", "TRACKS_STOCK"),
        ("REFUSED", "INVALID_INPUT", "WEIGHT_G"),
        ("REFUSED", "INVALID_INPUT", "TAX_CLASS"),
        ("REFUSED", "INVALID_INPUT", "HSN_CODE"),
        ("REFUSED", "INVALID_INPUT", None),
        ("REFUSED", "INVALID_INPUT", "SKU"),
    ]
    assert all(one["explanation"] for one in seen["results"]["nodes"][1:])
    assert (seen["created"], seen["refused"]) == (1, 15)


@pytest.mark.parametrize(
    ("file", "failure"),
    [
        (b"sku,title\nA,\xff", "NOT_CSV"),
        ('sku,title\nA,"open', "NOT_CSV"),
        ("sku,colour\nA,red", "UNKNOWN_COLUMN"),
        ("sku,SKU\nA,B", "REPEATED_COLUMN"),
        ("title,price\nMug,1", "SKU_COLUMN_MISSING"),
        ("sku,title\n,\n\n", "NO_ROWS"),
        ("sku\n" + "A\n" * (MAX_IMPORT_ROWS + 1), "TOO_MANY_ROWS"),
    ],
)
async def test_a_file_that_cannot_be_read_fails_as_a_whole(
    shop: Importer, file: str | bytes, failure: str
) -> None:
    seen = await shop.run(file)
    assert (seen["state"], seen["failure"], seen["rowCount"]) == ("FAILED", failure, 0)
    assert seen["finishedAt"]


async def test_an_import_fails_without_its_file(shop: Importer) -> None:
    upload = await shop.upload(FILE)
    id = await shop.start(upload, dry=True)
    async with shop.world.database.session() as session, session.begin():
        (await session.get_one(Upload, upload.id)).expires_at = now()
    await shop.work()
    seen = await shop.see(id)
    assert (seen["state"], seen["failure"], seen["rowCount"]) == ("FAILED", "FILE_MISSING", 0)


async def test_an_import_whose_job_failed_for_good_fails(
    shop: Importer, defer: Defer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import whose job will be tried again goes on."""
    lost = await shop.start(FILE)

    async def crash(*_: Any) -> None:
        raise ConnectionError("The worker has stopped.")

    monkeypatch.setattr(results, "import_row", crash)
    await shop.work()
    await clean_up(shop, defer)
    assert (await shop.see(lost))["state"] == "RUNNING"
    async with shop.world.database.session() as session, session.begin():
        for status in ("doing", "failed"):
            await session.execute(GIVE_UP, {"status": status})
    tried_again = await shop.start(FILE)
    await clean_up(shop, defer)
    seen = await shop.see(lost)
    assert (seen["state"], seen["failure"], seen["rowCount"]) == ("FAILED", "INTERRUPTED", 2)
    assert seen["finishedAt"]
    assert (await shop.see(tried_again))["state"] == "RUNNING"
    notified = (await shop.client.ask(NOTIFIED))["viewer"]["notifications"]["nodes"]
    assert [one["kind"] for one in notified] == ["PRODUCTS_IMPORTED"]


async def clean_up(shop: Importer, defer: Defer) -> None:
    await defer("clean_up", timestamp=0)
    await shop.work()


async def test_imports_are_counted_against_the_quota_of_the_day(
    shop: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota = QUOTAS[DailyAct.PRODUCT_IMPORT]._replace(per_day=1)
    monkeypatch.setitem(QUOTAS, DailyAct.PRODUCT_IMPORT, quota)
    upload = await shop.upload(FILE)
    await shop.run(upload, dry=True)
    refused = await shop.client.refusal_codes("importProducts", shop.input(upload, key="again"))
    assert refused == ["DAILY_LIMIT_REACHED"]
    assert (await shop.world.fresh(upload)).attached_at is None


async def test_a_member_who_lost_the_right_meanwhile_imports_nothing(shop: Importer) -> None:
    id = await shop.start(FILE)
    await shop.world.leaves(shop.member)
    await shop.work()
    async with shop.world.database.session() as session:
        (imported,) = (await session.exec(select(ProductImport))).all()
    assert (imported.state, imported.failure) == ("FAILED", "NOT_PERMITTED")
    assert gid(imported) == id
    assert await shop.prices() == {}


async def test_a_second_run_does_no_row_twice(
    shop: Importer, defer: Defer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job of a worker that stopped runs again, while its first run may still be going on."""
    id = await shop.start(FILE + "CUP;Cup;;5;;\n")
    apply = results.import_row

    async def crash(session: Any, import_id: Any, row: Any) -> None:
        if row.number == 2:
            monkeypatch.setattr(results, "import_row", apply)
            raise ConnectionError("The worker has stopped.")
        await apply(session, import_id, row)

    monkeypatch.setattr(results, "import_row", crash)
    await shop.work()
    seen = await shop.see(id)
    assert (seen["state"], seen["created"]) == ("RUNNING", 1)
    async with shop.world.database.session() as session:
        import_id = (await session.exec(select(ProductImport.id))).one()
    for _ in range(2):
        await defer("import_products", import_id=import_id)
    await shop.work()
    seen = await shop.see(id)
    assert outcomes(seen) == [("CREATED",)] * 3
    assert (seen["state"], seen["created"], seen["refused"]) == ("DONE", 3, 0)


async def test_the_limit_of_products_refuses_rows(
    shop: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.catalog.products.MAX_PRODUCTS", 1)
    seen = await shop.run(FILE)
    assert outcomes(seen) == [("CREATED",), ("REFUSED", "PRODUCT_LIMIT_REACHED", None)]
    assert MAX_PRODUCTS > 1


async def test_the_quota_of_products_refuses_rows(
    shop: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dry run does not count: it creates nothing."""
    quota = QUOTAS[DailyAct.CREATE_PRODUCT]._replace(per_day=1)
    monkeypatch.setitem(QUOTAS, DailyAct.CREATE_PRODUCT, quota)
    assert outcomes(await shop.run(FILE, dry=True)) == [("CREATED",)] * 2
    assert outcomes(await shop.run(FILE)) == [
        ("CREATED",),
        ("REFUSED", "DAILY_LIMIT_REACHED", None),
    ]


async def test_import_products_refuses_others_and_other_files(shop: Importer) -> None:
    upload = await shop.upload(FILE)
    given = shop.input(upload)
    assert await shop.api.mutation_failed("importProducts", given) == ["UNAUTHENTICATED"]
    for who in OUTSIDERS:
        client = shop.api.signed_in(await outsider(shop.world, shop.vendor, who))
        assert await client.refusal_codes("importProducts", given) == ["NOT_FOUND"], who
    colleague = await new_member(shop.world, shop.vendor, MemberRole.MANAGER)
    other = shop.api.signed_in(colleague)
    assert await other.refusal_codes("importProducts", shop.input(upload)) == ["NOT_FOUND"]
    for values in (
        {"purpose": UploadPurpose.CHAT},
        {"content_type": "application/pdf"},
        {"size": 2 * 1024 * 1024 + 1},
    ):
        wrong = await shop.upload(FILE, **values)
        refused = await shop.client.refusal_codes("importProducts", shop.input(wrong))
        assert refused == ["INVALID_INPUT"]


async def test_imports_are_seen_by_those_who_can_edit_products(shop: Importer) -> None:
    id = await shop.start(FILE, key="once")
    vendor = gid(shop.vendor)
    assert (await shop.client.ask(OF_VENDOR, id=vendor))["vendor"]["productImports"]["nodes"] == [
        {"id": id}
    ]
    staff = await new_member(shop.world, shop.vendor, MemberRole.STAFF)
    assert await shop.api.signed_in(staff).failed(OF_VENDOR, id=vendor) == ["FORBIDDEN"]
    for who in OUTSIDERS[:-1]:
        client = shop.api.signed_in(await outsider(shop.world, shop.vendor, who))
        assert (await client.ask(SEEN, id=id))["productImport"] is None, who


async def test_a_repeated_request_starts_one_import(shop: Importer) -> None:
    upload = await shop.upload(FILE)
    first = await shop.client.do("importProducts", shop.input(upload), IMPORT)
    assert await shop.client.do("importProducts", shop.input(upload), IMPORT) == first
    again = shop.input(upload, key="second")
    assert await shop.client.refusal_codes("importProducts", again) == ["INVALID_INPUT"]
    async with shop.world.database.session() as session:
        assert (await session.exec(select(func.count()).select_from(ProductImport))).one() == 1


async def test_imports_are_deleted_after_thirty_days(shop: Importer, defer: Defer) -> None:
    await shop.run(FILE)
    kept = await shop.start(FILE, dry=True)
    async with shop.world.database.session() as session, session.begin():
        done = select(ProductImport).where(ProductImport.created == 2)
        old = (await session.exec(done)).one()
        old.created_at = now() - timedelta(days=IMPORT_DAYS, hours=1)
    await clean_up(shop, defer)
    seen = await shop.client.ask(OF_VENDOR, id=gid(shop.vendor))
    assert seen["vendor"]["productImports"]["nodes"] == [{"id": kept}]
    assert (await shop.client.ask(SEEN, id=gid(old)))["productImport"] is None
    rows = select(func.count()).where(ProductImportRow.import_id == old.id)
    async with shop.world.database.session() as session:
        assert (await session.exec(rows)).one() == 0
