"""Links to files that were bought: what refunds, limits and other users change."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, update

from core.clock import now
from core.ids import new_id
from models.catalog.products import Product, ProductState
from models.catalog.variants import Variant
from models.downloads.grants import DownloadGrant
from models.identity.accounts import User
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.catalog import SIZES
from tests.factories.downloads import DigitalSale, DigitalShop
from tests.factories.files import pdf, picture
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.catalog.test_variants import variant_input

ATTEMPTS = """query ($id: ID!) { downloadAttempts(grantId: $id, first: 9) { nodes {
    downloadOutcome place deviceName requests
} } }"""


@pytest.fixture
async def shop(world: World, api: Client) -> DigitalShop:
    shop = await DigitalShop.open(world, api)
    await shop.add(maxDownloads=2)
    return shop


async def change(world: World, grant: DownloadGrant, **values: Any) -> None:
    async with world.database.session() as session, session.begin():
        rows = update(DownloadGrant).where(col(DownloadGrant.id) == grant.id)
        await session.exec(rows.values(**values))


async def cancel(
    sale: DigitalSale, *lines: Any, client: Client, name: str = "grantOrderRefund"
) -> list[dict[str, Any]]:
    """Cancel a unit of each line as an admin, or by another mutation. Returns the errors."""
    given = {
        "orderId": gid(await sale.order()),
        "lines": [{"lineId": gid(line), "quantity": 1} for line in lines],
        "reason": "Wrong one",
        "idempotencyKey": str(new_id()),
    }
    errors: list[dict[str, Any]] = (await client.do(name, given))["errors"]
    return errors


async def outsiders(shop: DigitalShop) -> dict[str, User]:
    other = await shop.world.vendor()
    return {
        "another buyer": (await shop.sell()).buyer.user,
        "a scanner": await new_member(shop.world, shop.vendor, MemberRole.SCANNER),
        "another vendor's owner": await new_member(shop.world, other, MemberRole.OWNER),
    }


async def test_a_refund_of_one_of_two_files_leaves_the_other(
    world: World, api: Client, shop: DigitalShop
) -> None:
    other = await world.variant(
        await world.product(shop.vendor, variants=0, kind="DIGITAL", min_price=1, max_price=1),
        tracks_stock=False,
        on_hand=0,
    )
    given = {"variantId": gid(other), "uploadId": await shop.upload(pdf())}
    await shop.seller.do("addDigitalAsset", given | {"idempotencyKey": "two"})
    sale = await shop.sell(shop.variant, other)
    grants = {grant.line_id: grant for grant in await sale.grants()}
    first, second = await sale.lines()
    urls = [await sale.url(grants[line.id]) for line in (first, second)]
    admin = api.signed_in(await world.admin())
    assert await cancel(sale, first, client=admin) == []
    revoked = {grant.line_id: grant.revoked_at for grant in await sale.grants()}
    assert revoked[first.id] is not None
    assert revoked[second.id] is None
    assert [(await api.http.get(url)).status_code for url in urls] == [410, 200]
    refused = await sale.link(grants[first.id])
    assert [error["code"] for error in refused["errors"]] == ["DOWNLOAD_REVOKED"]
    await check_invariants(world.database)


async def test_a_refund_of_some_units_leaves_the_files_and_takes_their_keys(
    world: World, api: Client
) -> None:
    shop = await DigitalShop.open(world, api, tracks_stock=True)
    await shop.import_keys("A", "B", "C")
    await shop.add()
    sale = await shop.sell(quantity=3)
    (line,) = await sale.lines()
    admin = api.signed_in(await world.admin())
    for left in (2, 1, 0):
        assert await cancel(sale, line, client=admin) == []
        held = [key.unit_number for key in await sale.keys() if key.revoked_at is None]
        assert held == [*range(left)]
        assert ((await sale.grant()).revoked_at is None) == (left > 0)
    assert (await world.stock(shop.variant)).on_hand == 0
    await check_invariants(world.database)


async def test_a_buyer_cannot_keep_a_key_and_get_the_money_back(world: World, api: Client) -> None:
    """The key can be read from the confirmation on, and the job that ships it comes later."""
    shop = await DigitalShop.open(world, api, tracks_stock=True)
    await shop.import_keys("A")
    sale = await shop.sell()
    (line,) = await sale.lines()
    assert (line.shipped, len(await sale.keys())) == (0, 1)
    refused = await cancel(sale, line, client=sale.client, name="cancelOrderLines")
    assert [error["code"] for error in refused] == ["TOO_MANY_UNITS"]
    whole = {"orderId": gid(await sale.order()), "idempotencyKey": str(new_id())}
    assert await sale.client.refusal_codes("cancelOrder", whole) == ["ORDER_STATE"]
    await check_invariants(world.database)


async def test_a_link_that_was_used_ends_with_the_right(
    world: World, api: Client, shop: DigitalShop
) -> None:
    sale = await shop.sell()
    grant, url = await sale.grant(), await sale.url()
    assert (await api.http.get(url)).status_code == 200
    await change(world, grant, revoked_at=now())
    assert (await api.http.get(url)).status_code == 410
    await change(world, grant, revoked_at=None, expires_at=now() - timedelta(seconds=1))
    assert (await api.http.get(url)).status_code == 410
    refused = await sale.link()
    assert [error["code"] for error in refused["errors"]] == ["DOWNLOAD_EXPIRED"]
    assert (await sale.grant()).used == 1


async def test_no_more_links_count_than_a_right_has(
    world: World, api: Client, shop: DigitalShop
) -> None:
    sale = await shop.sell()
    urls = [await sale.url() for _ in range(3)]
    got = [await api.http.get(url, headers={"User-Agent": "curl/8"}) for url in (*urls, urls[0])]
    assert [one.status_code for one in got] == [200, 200, 410, 200]
    seen = await shop.seller.ask(ATTEMPTS, id=gid(await sale.grant()))
    attempts = seen["downloadAttempts"]["nodes"]
    assert [(one["downloadOutcome"], one["requests"]) for one in attempts] == [
        ("USED_UP", 1),
        ("SERVED", 1),
        ("SERVED", 2),
    ]
    assert {one["place"] for one in attempts} == {"127.0.0.0/24"}
    assert {one["deviceName"] for one in attempts} == {"curl"}
    await check_invariants(world.database)


async def test_links_of_others_and_forged_ones_are_refused(api: Client, shop: DigitalShop) -> None:
    sale = await shop.sell()
    url = await sale.url()
    forged = [url[:-4] + "AAAA", f"{url.rpartition('/')[0]}/x", url + "x"]
    assert [(await api.http.get(one)).status_code for one in forged] == [403] * 3
    input = {"grantId": gid(await sale.grant())}
    assert await api.mutation_failed("createDownloadLink", input) == ["UNAUTHENTICATED"]
    people = await outsiders(shop) | {"the seller": shop.owner}
    for person in people.values():
        assert await api.signed_in(person).refusal_codes("createDownloadLink", input) == [
            "NOT_FOUND"
        ]
    wrong = {"grantId": unknown("DownloadGrant")}
    assert await sale.client.refusal_codes("createDownloadLink", wrong) == ["NOT_FOUND"]


async def test_attempts_and_keys_are_for_members_and_texts_for_buyers(
    world: World, api: Client
) -> None:
    shop = await DigitalShop.open(world, api, tracks_stock=True)
    await shop.import_keys("SECRET-1", "SECRET-2")
    await shop.add()
    sale = await shop.sell()
    assert (await api.http.get(await sale.url())).status_code == 200
    listed = """query ($id: ID!) { licenseKeys(variantId: $id, first: 5) { nodes {
        keyState licenseCode } } }"""
    seen = (await shop.seller.ask(listed, id=gid(shop.variant)))["licenseKeys"]["nodes"]
    assert sorted(one["keyState"] for one in seen) == ["FREE", "SOLD"]
    assert {one["licenseCode"] for one in seen} == {None}
    (key,) = await sale.keys()
    node = "query ($id: ID!) { node(id: $id) { ... on LicenseKey { licenseCode } } }"
    own = await sale.client.ask(node, id=gid(key))
    assert own["node"]["licenseCode"] in {"SECRET-1", "SECRET-2"}
    admin = api.signed_in(await world.admin())
    assert (await admin.ask(node, id=gid(key)))["node"] == {"licenseCode": None}
    people = await outsiders(shop)
    del people["another buyer"]
    people["the buyer"] = sale.buyer.user
    for person in people.values():
        client = api.signed_in(person)
        attempts = await client.ask(ATTEMPTS, id=gid(await sale.grant()))
        assert attempts["downloadAttempts"]["nodes"] == []
        assert (await client.ask(listed, id=gid(shop.variant)))["licenseKeys"]["nodes"] == []
    assert await api.failed(ATTEMPTS, id=gid(await sale.grant())) == ["UNAUTHENTICATED"]
    assert await api.failed("{ downloads(first: 1) { nodes { id } } }") == ["UNAUTHENTICATED"]


async def test_members_and_admins_revoke_and_give_more(
    world: World, api: Client, shop: DigitalShop
) -> None:
    sale = await shop.sell()
    grant = await sale.grant()
    staff = await new_member(world, shop.vendor, MemberRole.STAFF)
    revoke = {"grantId": gid(grant), "idempotencyKey": "one"}
    more = revoke | {"downloads": 3}
    seen = "grant { downloadState downloadsLeft }"
    for name, input in (("revokeDownload", revoke), ("resetDownloads", more)):
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
        people = await outsiders(shop) | {"the buyer": sale.buyer.user}
        for person in people.values():
            assert await api.signed_in(person).refusal_codes(name, input) == ["NOT_FOUND"]
    revoked = await api.signed_in(staff).do("revokeDownload", revoke, seen)
    assert revoked["grant"] == {"downloadState": "REVOKED", "downloadsLeft": 2}
    admin = api.signed_in(await world.admin())
    for _ in range(2):  # the second is a retry
        given = await admin.do("resetDownloads", more, seen)
        assert given["grant"] == {"downloadState": "READY", "downloadsLeft": 5}
    too_many = more | {"downloads": 101, "idempotencyKey": "two"}
    assert await admin.refusal_codes("resetDownloads", too_many) == ["INVALID_INPUT"]
    assert (await api.http.get(await sale.url())).status_code == 200


async def test_files_are_managed_by_managers_of_the_vendor(
    world: World, api: Client, shop: DigitalShop
) -> None:
    upload_id = await shop.upload(picture())
    add = {"variantId": gid(shop.variant), "uploadId": upload_id, "idempotencyKey": "one"}
    asset = (await shop.add())["asset"]
    remove = {"assetId": asset["id"]}
    replace = remove | {"uploadId": upload_id}
    keys = {"variantId": gid(shop.variant), "keys": ["A"], "idempotencyKey": "one"}
    fewer = {"variantId": gid(shop.variant), "keyIds": [unknown("LicenseKey")]}
    staff = await new_member(world, shop.vendor, MemberRole.STAFF)
    people = await outsiders(shop) | {"staff": staff, "an admin": await world.admin()}
    for name, input in (
        ("addDigitalAsset", add),
        ("replaceDigitalAsset", replace),
        ("removeDigitalAsset", remove),
        ("importLicenseKeys", keys),
        ("removeLicenseKeys", fewer),
    ):
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
        for person in people.values():
            refused = await api.signed_in(person).refusal_codes(name, input)
            assert refused in (["NOT_FOUND"], ["PERMISSION_DENIED"]), name
    stolen = await new_member(world, shop.vendor, MemberRole.OWNER)
    assert await api.signed_in(stolen).refusal_codes("addDigitalAsset", add) == ["NOT_FOUND"]


async def test_files_have_a_purpose_a_type_and_a_limit(
    world: World, api: Client, shop: DigitalShop
) -> None:
    mug = (await world.variants(await world.product(shop.vendor)))[0]
    wrong = await shop.seller.do(
        "addDigitalAsset",
        {
            "variantId": gid(mug),
            "uploadId": await shop.upload(picture()),
            "idempotencyKey": "mug",
        },
    )
    assert [error["field"] for error in wrong["errors"]] == [["variantId"]]
    chat = await shop.upload(b"Some text", fileName="a.txt", purpose="CHAT")
    given = {"variantId": gid(shop.variant), "uploadId": chat, "idempotencyKey": "chat"}
    refused = await shop.seller.do("addDigitalAsset", given)
    assert [error["field"] for error in refused["errors"]] == [["uploadId"]]
    marked = await shop.add(b"Some text", "a.txt", watermark=True)
    assert [error["field"] for error in marked["errors"]] == [["watermark"]]
    assert (await shop.add(maxDownloads=101))["errors"][0]["code"] == "INVALID_INPUT"


async def test_a_published_product_keeps_a_file_or_keys(world: World, api: Client) -> None:
    shop = await DigitalShop.open(world, api)
    async with world.database.session() as session, session.begin():
        product = await session.get_one(Product, shop.variant.product_id)
        product.state = ProductState.HIDDEN
    publish = {"productId": gid(product)}
    code = "DIGITAL_CONTENT_MISSING"
    assert await shop.seller.refusal_codes("publishProduct", publish) == [code]
    first = (await shop.add())["asset"]
    assert await shop.seller.refusal_codes("publishProduct", publish) == []
    remove = {"assetId": first["id"]}
    assert await shop.seller.refusal_codes("removeDigitalAsset", remove) == [code]
    second = (await shop.add())["asset"]
    assert await shop.seller.refusal_codes("removeDigitalAsset", remove) == []
    assert await shop.seller.refusal_codes("removeDigitalAsset", remove) == ["NOT_FOUND"]
    sale = await shop.sell()
    await shop.seller.do("hideProduct", publish)
    remove = {"assetId": second["id"]}
    assert await shop.seller.refusal_codes("removeDigitalAsset", remove) == []
    assert (await api.http.get(await sale.url())).status_code == 200


async def test_a_variant_that_is_added_to_a_published_product_needs_content_first(
    world: World, api: Client
) -> None:
    shop = await DigitalShop.open(world, api)
    await shop.add()
    async with world.database.session() as session, session.begin():
        product = await session.get_one(Product, shop.variant.product_id)
        product.options = SIZES
        (await session.get_one(Variant, shop.variant.id)).options = {"size": "s"}
    given = variant_input(product, tracksStock=False, onHand=0)
    added = await shop.seller.do("addVariant", given, "variant { id state }")
    assert added["variant"]["state"] == "RETIRED"
    variant = {"variantId": added["variant"]["id"]}
    restore = "restoreVariant"
    assert await shop.seller.refusal_codes(restore, variant) == ["DIGITAL_CONTENT_MISSING"]
    given = variant | {"uploadId": await shop.upload(pdf()), "idempotencyKey": "second"}
    assert await shop.seller.refusal_codes("addDigitalAsset", given) == []
    restored = await shop.seller.do(restore, variant, "variant { state }")
    assert restored["variant"]["state"] == "ACTIVE"


async def test_keys_are_the_stock_of_their_variant(world: World, api: Client) -> None:
    uncounted = await DigitalShop.open(world, api)
    assert (await uncounted.import_keys("A"))["errors"][0]["code"] == "INVALID_INPUT"
    shop = await DigitalShop.open(world, api, tracks_stock=True)
    assert (await shop.import_keys("A", "A"))["errors"][0]["code"] == "LICENSE_KEY_TAKEN"
    assert (await shop.import_keys("A", "B"))["variant"] == {"orderable": 2}
    assert (await shop.import_keys("C", "B"))["errors"][0]["code"] == "LICENSE_KEY_TAKEN"
    line = {"variantId": gid(shop.variant), "quantity": 1}
    received = {"vendorId": gid(shop.vendor), "lines": [line], "idempotencyKey": "one"}
    follows = ["STOCK_FOLLOWS_KEYS"]
    assert await shop.seller.refusal_codes("receiveStock", received) == follows
    lost = line | {"idempotencyKey": "one"}
    assert await shop.seller.refusal_codes("writeOffStock", lost) == follows
    counted = {"variantId": gid(shop.variant), "onHand": 5, "expected": 2, "idempotencyKey": "x"}
    assert await shop.seller.refusal_codes("countStock", counted) == follows
    listed = (
        "query ($id: ID!) { licenseKeys(variantId: $id, free: true, first: 5) { nodes { id } } }"
    )
    free = (await shop.seller.ask(listed, id=gid(shop.variant)))["licenseKeys"]["nodes"]
    remove = {"variantId": gid(shop.variant), "keyIds": [free[0]["id"]]}
    assert await shop.seller.refusal_codes("removeLicenseKeys", remove) == []
    assert await shop.seller.refusal_codes("removeLicenseKeys", remove) == ["LICENSE_KEY_IN_USE"]
    await shop.sell()
    assert (await world.stock(shop.variant)).on_hand == 0
    remove = {"variantId": gid(shop.variant), "keyIds": [free[1]["id"]]}
    assert await shop.seller.refusal_codes("removeLicenseKeys", remove) == ["LICENSE_KEY_IN_USE"]
    await check_invariants(world.database)
