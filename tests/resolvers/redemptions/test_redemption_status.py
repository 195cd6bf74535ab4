"""The initial state of a live view, and the cursor to subscribe from."""

from tests.client import Client, gid
from tests.factories.world import World

STATUS = "query ($id: ID!) { redemptionStatus(voucherId: $id) { cursor kind voucher { state } } }"
TILL = """
query ($id: ID!) { vendor(id: $id) { redemptions { changesAfter nodes { id } } } }
"""


async def test_redemption_status_is_the_state_with_its_cursor(world: World, api: Client) -> None:
    user, owner = await world.user(), await world.user()
    voucher = await world.voucher(await world.offer(await world.vendor(owner)), user)
    status = (await api.signed_in(user).ask(STATUS, id=gid(voucher)))["redemptionStatus"]
    assert (status["kind"], status["voucher"]) == ("SNAPSHOT", {"state": "CLAIMED"})
    assert status["cursor"]


async def test_redemption_status_of_another_user(world: World, api: Client) -> None:
    owner = await world.user()
    voucher = await world.voucher(await world.offer(await world.vendor(owner)), await world.user())
    for other in (owner, await world.user(), await world.admin()):
        found = await api.signed_in(other).ask(STATUS, id=gid(voucher))
        assert found == {"redemptionStatus": None}
    assert await api.failed(STATUS, id=gid(voucher)) == ["UNAUTHENTICATED"]


async def test_redemption_status_and_the_till_have_cursors_that_move(
    world: World, api: Client
) -> None:
    user, owner = await world.user(), await world.user()
    vendor = await world.vendor(owner)
    voucher = await world.voucher(await world.offer(vendor), user)
    before = (await api.signed_in(owner).ask(TILL, id=gid(vendor)))["vendor"]["redemptions"]
    await api.signed_in(owner).do(
        "redeemVoucher",
        {"vendorId": gid(vendor), "code": voucher.code, "idempotencyKey": "k"},
    )
    after = (await api.signed_in(owner).ask(TILL, id=gid(vendor)))["vendor"]["redemptions"]
    assert (len(before["nodes"]), len(after["nodes"])) == (0, 1)
    assert before["changesAfter"] != after["changesAfter"]
