"""As many SQL statements for twenty as for one."""

import pytest

from models.identity.accounts import User
from models.uploads import UploadState
from models.vendors import Vendor
from tests.client import Client, gid
from tests.factories.chat import canned_replies
from tests.factories.world import World
from tests.resolvers.counting import load_one_by_one, statements

OFFERS = """query ($n: Int!) { offers(first: $n) { totalCount edges { node {
  title likeCount likedByMe category { name parent { name } }
  vendor { name viewerRole category { name } offers(first: 3) { title likeCount } }
} } } }"""
VENDORS = """query ($n: Int!) { vendors(first: $n) { nodes {
  name viewerRole category { name children { name } } offers(first: 3) { title likedByMe }
} } }"""
DESKS = """query ($n: Int!) { vendors(first: $n) { nodes {
  answersNow chatHours { spans { opens } } firstAnswer { answered } cannedReplies { title }
} } }"""
VOUCHERS = """query ($n: Int!) { viewer { vouchers(first: $n) { nodes {
  code offer { title likeCount category { name } } vendor { name viewerRole }
  redemptions(first: 3) { reason vendor { name } voucher { id } }
} } } }"""
REDEMPTIONS = """query ($n: Int!, $vendor: ID!) { vendor(id: $vendor) { redemptions(first: $n) {
  nodes { reason vendor { name } voucher { state offer { title } redemptions { reason } } }
} } }"""
CODES = """query ($n: Int!) { promoCodes(first: $n) { nodes {
  codeText used userCount discounted { decimal } fundingVendor { name }
} } }"""
ZONES = """query ($n: Int!) { vendors(first: $n) { nodes { shippingZones {
  name rates { name bands { price { decimal } } freeOver { decimal } }
} } } }"""
ADDRESSES = """query ($n: Int!) { addresses(first: $n) { nodes {
  recipient formatted coordinates { latitude }
} } }"""
NODES = """query ($ids: [ID!]!) { nodes(ids: $ids) {
  ... on Offer { title vendor { name } } ... on Voucher { offer { title } }
} }"""
BATCHED = [OFFERS, VENDORS, DESKS, VOUCHERS, REDEMPTIONS, CODES, ZONES]


class Population:
    """Twenty of everything, each with a vendor of its own, all of it one user's business."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.user: User
        self.till: Vendor
        self.ids: list[str] = []

    async def build(self) -> "Population":
        world = self.world
        self.user = await world.user()
        self.till = await self.vendor()
        await world.shipping_rate(await world.shipping_zone(self.till))
        for _ in range(20):
            vendor = await self.vendor()
            await canned_replies(world, vendor, "Thanks", "Sorry")
            offers = [await world.offer(vendor) for _ in range(2)]
            voucher = await world.voucher(offers[0], self.user)
            await world.like(offers[0], self.user)
            await world.redemption(vendor, voucher)
            await world.redemption(
                self.till, await world.voucher(await world.offer(self.till), self.user)
            )
            await world.address(self.user)
            await world.shipping_rate(await world.shipping_zone(vendor))
            await world.promo_code(vendor)
            self.ids += [gid(offers[0]), gid(voucher)]
        return self

    async def vendor(self) -> Vendor:
        category = await self.world.category(parent=await self.world.category())
        return await self.world.vendor(self.user, category=category)


@pytest.fixture(scope="module")
async def population(module_world: World) -> Population:
    return await Population(module_world).build()


@pytest.mark.parametrize("query", [*BATCHED, ADDRESSES])
async def test_statements_do_not_grow_with_the_page(
    population: Population, api: Client, query: str
) -> None:
    client = api.signed_in(population.user)
    given = {"vendor": gid(population.till)} if query is REDEMPTIONS else {}
    one, twenty = [await statements(client, query, n=n, **given) for n in (1, 20)]
    assert one
    assert len(twenty) == len(one), "\n\n".join(twenty)


@pytest.mark.parametrize("query", BATCHED)
async def test_statements_would_grow_without_batches(
    population: Population, api: Client, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_one_by_one(monkeypatch)
    client = api.signed_in(population.user)
    given = {"vendor": gid(population.till)} if query is REDEMPTIONS else {}
    one, twenty = [await statements(client, query, n=n, **given) for n in (1, 20)]
    assert len(twenty) > 2 * len(one)


async def test_statements_do_not_grow_with_the_nodes(population: Population, api: Client) -> None:
    client = api.signed_in(population.user)
    one = await statements(client, NODES, ids=population.ids[:2])
    twenty = await statements(client, NODES, ids=population.ids)
    assert len(twenty) == len(one), "\n\n".join(twenty)


async def test_statements_of_files_do_not_grow(module_world: World, api: Client) -> None:
    world = module_world
    user = await world.user()
    ready = {"state": UploadState.READY, "key": "kept/1"}
    ids = [gid(await world.upload(user, **ready)) for _ in range(20)]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Upload { fileName url } } }"
    for some in (ids[:1], ids):
        assert len(await statements(api.signed_in(user), query, ids=some)) == 1


async def test_statements_of_a_page_do_not_count_unasked(
    population: Population, api: Client
) -> None:
    uncounted = await statements(api, "{ offers { nodes { id } } }")
    assert len(uncounted) == 1
    assert len(await statements(api, "{ offers { totalCount nodes { id } } }")) == 2
