"""Making an account."""

import asyncio
import json
from typing import Any

import pytest

from core.security.signing_keys import SigningKeys
from tests.client import Client, gid
from tests.factories.identity import PASSWORD
from tests.factories.world import World

ACCOUNT = "viewer { id name email role } session { accessToken refreshToken expiresAt }"


def account(**changes: str) -> dict[str, str]:
    return {"email": "asha@haat.example", "password": PASSWORD, "name": "Asha"} | changes


async def test_register_makes_an_account_and_signs_in(
    world: World, api: Client, keys: SigningKeys
) -> None:
    payload = await api.do("register", account(), ACCOUNT)
    viewer = payload["viewer"]
    assert payload["errors"] == []
    assert (viewer["name"], viewer["email"], viewer["role"]) == (
        "Asha",
        "asha@haat.example",
        "USER",
    )
    client = api.bearing(payload["session"]["accessToken"])
    assert (await client.ask("{ viewer { id } }"))["viewer"]["id"] == viewer["id"]
    assert keys.read_access(payload["session"]["accessToken"]).admin is False


async def test_register_and_then_log_in(world: World, api: Client) -> None:
    await api.do("register", account(email="Asha@Haat.Example"))
    given = {"email": "asha@haat.example", "password": PASSWORD}
    assert (await api.do("logIn", given, "viewer { name }"))["viewer"] == {"name": "Asha"}


async def test_register_gives_a_refresh_token_that_works(world: World, api: Client) -> None:
    session = (await api.do("register", account(), ACCOUNT))["session"]
    refresh = {"refreshToken": session["refreshToken"]}
    assert await api.refusal_codes("refreshSession", refresh) == []


@pytest.mark.parametrize("email", ["user@haat.example", "USER@haat.example", "user@HAAT.example"])
async def test_register_an_address_that_is_taken(world: World, api: Client, email: str) -> None:
    await world.user(email="user@haat.example")
    payload = await api.do("register", account(email=email), ACCOUNT)
    assert [error["code"] for error in payload["errors"]] == ["EMAIL_TAKEN"]
    assert payload["session"] is None
    assert payload["viewer"] is None


async def test_register_the_same_address_at_once(world: World, api: Client) -> None:
    refused = await asyncio.gather(*(api.refusal_codes("register", account()) for _ in range(4)))
    assert sorted(refused) == [[], *[["EMAIL_TAKEN"]] * 3]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "asha"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "asha@haat.example, eve@haat.example"}, "email"),
        ({"email": "a" * 250 + "@haat.example"}, "email"),
        ({"password": "x" * 7}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 81}, "name"),
    ],
)
async def test_register_with_bad_input(
    world: World, api: Client, changes: dict[str, str], field: str
) -> None:
    payload = await api.do("register", account(**changes), ACCOUNT)
    assert [(error["code"], error["field"]) for error in payload["errors"]] == [
        ("INVALID_INPUT", [field])
    ]
    assert payload["session"] is None


@pytest.mark.parametrize("changes", [{"password": "x" * 8}, {"password": "x" * 128}])
async def test_register_at_the_edges(world: World, api: Client, changes: dict[str, str]) -> None:
    assert await api.refusal_codes("register", account(**changes)) == []


async def test_register_reports_every_error(world: World, api: Client) -> None:
    errors = (await api.do("register", account(email="", password="", name="")))["errors"]
    assert [error["field"] for error in errors] == [["email"], ["password"], ["name"]]


async def test_register_cannot_make_an_admin(world: World, api: Client) -> None:
    given: dict[str, Any] = account() | {"role": "ADMIN"}
    assert await api.mutation_failed("register", given) == ["BAD_USER_INPUT"]


async def test_register_while_signed_in_is_another_account(world: World, api: Client) -> None:
    user = await world.user()
    payload = await api.signed_in(user).do("register", account(), ACCOUNT)
    assert payload["viewer"]["id"] != gid(user)


async def test_register_with_a_nul(world: World, api: Client) -> None:
    assert await api.mutation_failed("register", account(name="A\x00")) == ["BAD_USER_INPUT"]
    assert await api.refusal_codes("register", account(email="a\x00@haat.example")) == [
        "INVALID_INPUT"
    ]


async def test_register_with_half_a_surrogate_pair(world: World, api: Client) -> None:
    body = json.dumps({"query": "{ __typename }", "variables": {"name": "\ud83d"}})
    headers = {"Content-Type": "application/json"}
    response = await api.http.post("/graphql", content=body, headers=headers)
    assert response.status_code == 400
