"""An address or a number that goes every way through the server is in no table and no file of the
database.
"""

import hashlib
from typing import cast

import redis.asyncio

from core.database import Database
from core.redis.pubsub import PubSub
from core.settings import Settings
from gateways.sign_in.base import ProviderProfile
from models.identity.providers import ProviderFlow
from models.vendors import MemberRole
from services.identity.admin_invitations import invite_admin
from services.identity.providers.provider_flows import keep_profile
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.factors import answer_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.jobs.conftest import Work
from tests.jobs.privacy import planting
from tests.jobs.privacy.planting import WORD
from tests.resolvers.addresses.test_addresses import HOME
from tests.resolvers.applications.applying import Applicant
from tests.resolvers.audit.test_identity_acts import NoSubscribers
from tests.resolvers.vendors.test_create_vendor import SHOP

DIGITS = "9820731946"
NUMBER = f"+91{DIGITS}"
PHONE = "query ($id: ID!) { vendor(id: $id) { phone } }"
OWN, NEW, OTHER = (f"{name}@{WORD}.example" for name in ("own", "new", "other"))


async def use_addresses(world: World, api: Client) -> None:
    """Register, log in, change, reset, invite and sign in at a provider, with errors."""
    user, vendor = await world.user(email=OWN), await world.vendor()
    await world.member(vendor, user, MemberRole.OWNER)
    client, admin = api.signed_in(user), api.signed_in(await world.admin())
    registration = {"email": OTHER, "password": "purple monkey 7 dishwasher", "name": "Asha"}
    assert await api.refusal_codes("register", registration) == []
    for password in (PASSWORD, "wrong"):
        for email in (OWN, OTHER, OWN.upper()):
            await api.refusal_codes("logIn", {"email": email, "password": password})
    assert await api.refusal_codes("requestPasswordReset", {"email": OWN}) == []
    assert await client.refusal_codes("changeEmail", {"email": NEW}) == []
    invited = {"vendorId": gid(vendor), "email": OTHER, "role": "STAFF"}
    assert await client.refusal_codes("inviteMember", invited) == []
    made = SHOP | {"owner": {"email": OWN}, "categoryId": gid(await world.category())}
    assert await admin.refusal_codes("createVendor", made) == []
    users = "query ($email: String) { users(where: {email: $email}) { nodes { id } } }"
    assert (await admin.ask(users, email=OWN))["users"]["nodes"] == [{"id": gid(user)}]
    assert (await client.ask("{ viewer { email } }"))["viewer"]["email"] == OWN
    flow = answer_of(world.sealer, email=None, email_proven=False, subject=None, issuer=None)
    flow.row.code_hash = None
    await world.save(flow.row)
    await _answer_provider(world, flow.row)


async def _answer_provider(world: World, flow: ProviderFlow) -> None:
    transactions = Transactions(world.database, cast("PubSub", NoSubscribers()))
    profile = ProviderProfile("https://provider.example", "1", OTHER, True, "Asha")
    async with transactions.begin() as session:
        await keep_profile(session, world.sealer, flow, profile)
        assert await invite_admin(session, world.sealer, NEW)
    assert await world.email(flow) == OTHER


async def test_an_address_is_in_no_table_and_no_file(
    world: World, superuser: Database, api: Client, settings: Settings, work: Work
) -> None:
    await use_addresses(world, api)
    assert await planting.tables_with_the_word(world.database) == set(), "with jobs that wait"
    await work()
    assert await planting.tables_with_the_word(world.database) == set()
    assert await planting.files_with_the_word(superuser) == set()
    client = redis.asyncio.Redis.from_url(str(settings.redis_url))
    keys = [key async for key in client.scan_iter(count=1000)]
    await client.aclose()
    hashes = [hashlib.sha256(email.encode()).hexdigest() for email in (OWN, NEW, OTHER)]
    for plain in (WORD, *hashes):
        assert not [key for key in keys if plain.encode() in key]


async def use_numbers(world: World, api: Client) -> None:
    """Sign in by a number, save it with an address, and give it to vendors."""
    applicant = await Applicant.enter(world, api)
    client, admin = applicant.client, applicant.admin
    assert await api.refusal_codes("requestLoginCode", {"phone": NUMBER}) == []
    assert await client.refusal_codes("createAddress", HOME | {"phone": NUMBER}) == []
    ids = [(await applicant.apply(phone=NUMBER))["vendor"]["id"]]
    owner = {"owner": {"email": email_of(applicant.user)}, "categoryId": applicant.category}
    for key, phone in (("given", NUMBER), ("changed", None)):
        given = SHOP | owner | {"phone": phone, "idempotencyKey": key}
        made = await admin.do("createVendor", given, "vendor { id }")
        assert made["errors"] == []
        ids.append(made["vendor"]["id"])
    changed = {"vendorId": ids[-1], "phone": NUMBER}
    assert await client.refusal_codes("updateVendor", changed) == []
    seen = [(await client.ask(PHONE, id=id))["vendor"]["phone"] for id in ids]
    assert seen == [NUMBER, NUMBER, NUMBER]


async def test_a_number_is_in_no_table_and_no_file(
    world: World, superuser: Database, api: Client, work: Work
) -> None:
    await use_numbers(world, api)
    assert await planting.tables_with_the_word(world.database, DIGITS) == set()
    await work()
    assert await planting.tables_with_the_word(world.database, DIGITS) == set()
    assert await planting.files_with_the_word(superuser, DIGITS) == set()


async def test_the_search_finds_an_address(world: World, superuser: Database) -> None:
    """The control: as text it would be found."""
    await world.user(name=f"Asha {WORD}")
    assert await planting.tables_with_the_word(world.database) == {"user"}
    assert "user" in await planting.files_with_the_word(superuser)
