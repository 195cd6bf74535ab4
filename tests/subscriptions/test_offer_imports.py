"""Imports of offers that managers follow live."""

from core.ids import new_id
from models.offers.imports import OfferImport
from models.vendors import MemberRole
from services.offers.imports import imports
from services.offers.imports.batches import BATCH_SIZE, import_batch
from services.offers.imports.files import read_offers
from tests.client import gid
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.subscriptions.conftest import Shop
from tests.subscriptions.test_catalog import follow

IMPORTS = """subscription ($vendorId: ID!, $after: String) {
  offerImportChanges(vendorId: $vendorId, after: $after) {
    cursor offerImport { id state rowCount created rows { totalCount } }
  }
}"""
LISTED = """query ($id: ID!) { vendor(id: $id) {
  offerImports { changesAfter nodes { id state } }
} }"""
FILE = "id,title,percent,starts_at,ends_at\n" + "".join(
    f"A{n},Tea,10,2030-01-01,2030-01-02\n" for n in range(101)
)


async def test_managers_follow_imports_from_the_list(shop: Shop, world: World) -> None:
    manager = await new_member(world, shop.vendor, MemberRole.MANAGER)
    imported = OfferImport(
        vendor_id=shop.vendor.id, user_id=manager.id, upload_id=new_id(), dry_run=False
    )
    await world.save(imported)
    client = shop.api.signed_in(manager)
    listed = (await client.ask(LISTED, id=gid(shop.vendor)))["vendor"]["offerImports"]
    assert listed["nodes"] == [{"id": gid(imported), "state": "QUEUED"}]
    subscriber = await follow(shop, manager, IMPORTS, listed["changesAfter"])
    await subscriber.connected()
    rows = read_offers(FILE.encode())
    async with shop.entries() as session:
        assert await imports.start_import(session, imported.id, len(rows))
    for batch in (rows[:BATCH_SIZE], rows[BATCH_SIZE:]):
        async with shop.entries() as session:
            await import_batch(session, imported.id, batch)
    async with shop.entries() as session:
        await imports.finish_import(session, imported.id)
    seen = [one["offerImport"] for one in await subscriber.received(4)]
    assert [one["rowCount"] for one in seen] == [101] * 4
    assert seen[-1] == {
        "id": gid(imported),
        "state": "DONE",
        "rowCount": 101,
        "created": 101,
        "rows": {"totalCount": 101},
    }


async def test_others_follow_no_imports(shop: Shop, world: World) -> None:
    for kind in OUTSIDERS:
        subscriber = await follow(shop, await outsider(world, shop.vendor, kind), IMPORTS)
        await subscriber.ended()
        assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], []), kind
