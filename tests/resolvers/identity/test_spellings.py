"""One identity, one spelling: every form of an address is the same account."""

from uuid import uuid4

import pytest

from core.database import Database
from tests.client import Client
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.identity.mailbox import read_mail

# Each is `asha@bücher.example`, with `asha` as the place of a name.
SPELLINGS = (
    "{name}@bücher.example",
    "{name}@bu\u0308cher.example",  # the letter and the mark apart
    "{name}@xn--bcher-kva.example",
    "{name}@XN--BCHER-KVA.example",
    "{name}@{wide_domain}",
    "{upper}@BÜCHER.EXAMPLE",
    "  {name}@bücher.example\n",
    "\u00a0{name}@bücher.example\u3000",
    "{wide}@bücher.example",
)
REFUSED = ("Asha <{name}@bücher.example>", "<{name}@bücher.example>", "{name}@bücher.example,")
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
CHOSEN = "kitchen-ladder-74"


def spell(spelling: str, name: str) -> str:
    return spelling.format(
        name=name,
        upper=name.upper(),
        wide=name.translate(WIDE),
        wide_domain="bücher.example".translate(WIDE),
    )


def unused_name() -> str:
    return f"a{uuid4().hex}"


@pytest.mark.parametrize("registered", SPELLINGS)
async def test_register_in_one_spelling_and_log_in_in_each_other(
    world: World, api: Client, database: Database, registered: str
) -> None:
    name = unused_name()
    input = {"email": spell(registered, name), "password": CHOSEN, "name": "Asha"}
    secret = (await api.do("register", input, "registrationSecret"))["registrationSecret"]
    mail = await read_mail(world, f"{name}@xn--bcher-kva.example")
    given = {"registrationSecret": secret, "code": mail.code}
    verified = await api.do("verifyEmail", given, "viewer { id email }")
    assert verified["viewer"]["email"] == f"{name}@xn--bcher-kva.example"
    for spelling in SPELLINGS:
        log_in = {"email": spell(spelling, name), "password": CHOSEN}
        answer = await api.do("logIn", log_in, "viewer { id }")
        assert answer["viewer"]["id"] == verified["viewer"]["id"]


async def test_register_counts_the_mails_to_all_spellings_together(
    world: World, api: Client
) -> None:
    name, answers = unused_name(), []
    for spelling in SPELLINGS[:6]:
        input = {"email": spell(spelling, name), "password": CHOSEN, "name": "Asha"}
        answers.append(await api.mutation_failed("register", input))
    assert answers[0] == []
    assert answers[-1] == ["RATE_LIMITED"]


@pytest.mark.parametrize("spelling", REFUSED)
async def test_the_form_with_a_name_is_refused(world: World, api: Client, spelling: str) -> None:
    name = unused_name()
    user = await world.user(email=f"{name}@xn--bcher-kva.example")
    input = {"email": spell(spelling, name), "password": CHOSEN, "name": "Asha"}
    assert await api.refusal_codes("register", input) == ["INVALID_INPUT"]
    log_in = {"email": spell(spelling, name), "password": PASSWORD}
    assert await api.refusal_codes("logIn", log_in) == ["WRONG_CREDENTIALS"]
    assert await world.fresh(user) is not None
