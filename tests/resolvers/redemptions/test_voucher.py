"""A voucher by its id or code, and the viewer's own in an offer."""

import pytest

from models.redemptions import VoucherState
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.resolvers.counting import statements

VOUCHER = "query ($id: ID, $code: String) { voucher(id: $id, code: $code) { id } }"
OWN = "query ($id: ID!) { offer(id: $id) { viewerVoucher { id state } } }"


async def test_voucher_by_id_and_code_for_those_who_see_it(world: World, api: Client) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    found = {"voucher": {"id": gid(voucher)}}
    typed = f" {voucher.code.lower().replace('-', ' ')}"
    for user in (till.customer, till.scanner, await world.admin()):
        client = api.signed_in(user)
        assert await client.ask(VOUCHER, id=gid(voucher)) == found
        assert await client.ask(VOUCHER, code=typed) == found


async def test_voucher_of_others_looks_as_if_there_were_none(world: World, api: Client) -> None:
    till = await Till.open(world)
    voucher, rival = await till.voucher(), await world.user()
    await world.member(await world.vendor(), rival, MemberRole.OWNER)
    for given in ({"id": gid(voucher)}, {"code": voucher.code}, {"code": "nonsense"}):
        assert await api.signed_in(rival).ask(VOUCHER, **given) == {"voucher": None}
    assert await api.ask(VOUCHER, id=gid(voucher)) == {"voucher": None}
    assert await api.failed(VOUCHER, code=voucher.code) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("given", [{}, {"id": unknown("Voucher"), "code": "x"}])
async def test_voucher_by_neither_or_both(api: Client, given: dict[str, str]) -> None:
    assert await api.failed(VOUCHER, **given) == ["BAD_USER_INPUT"]


async def test_viewer_voucher_is_ones_newest(world: World, api: Client) -> None:
    till = await Till.open(world, per_user_limit=3)
    await till.voucher(state=VoucherState.EXPIRED)
    newest = await till.voucher(claim_number=2)
    await world.voucher(till.offer, await world.user())
    found = (await api.signed_in(till.customer).ask(OWN, id=gid(till.offer)))["offer"]
    assert found == {"viewerVoucher": {"id": gid(newest), "state": "CLAIMED"}}
    for client in (api, api.signed_in(till.scanner)):
        assert await client.ask(OWN, id=gid(till.offer)) == {"offer": {"viewerVoucher": None}}


async def test_viewer_vouchers_of_a_list_take_one_statement(world: World, api: Client) -> None:
    customer, vendor = await world.user(), await world.vendor()
    for _ in range(5):
        await world.voucher(await world.offer(vendor), customer)
    query = "{ offers(first: 5) { nodes { viewerVoucher { id } } } }"
    assert len(await statements(api.signed_in(customer), query)) == 2
