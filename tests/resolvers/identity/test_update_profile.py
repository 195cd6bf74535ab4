"""Changing the name, the language and the time zone of the own account."""

from typing import Any

import pytest

from tests.client import Client, gid
from tests.factories.world import World

FIELDS = "viewer { name locale: preferredLocale timeZone: preferredTimeZone }"
OTHER = "query ($id: ID!) { node(id: $id) { ... on User { locale: preferredLocale } } }"


async def update(client: Client, **values: Any) -> dict[str, Any]:
    payload = await client.do("updateProfile", values, FIELDS)
    assert payload["errors"] == []
    viewer: dict[str, Any] = payload["viewer"]
    return viewer


async def test_update_profile_sets_what_is_given(world: World, api: Client) -> None:
    user = await world.user(name="Asha")
    client = api.signed_in(user)
    changed = await update(client, locale="hi", timeZone="Asia/Kolkata")
    assert changed == {"name": "Asha", "locale": "hi", "timeZone": "Asia/Kolkata"}
    changed = await update(client, name="  Asha  Rao ", timeZone=None)
    assert changed == {"name": "Asha Rao", "locale": "hi", "timeZone": None}


@pytest.mark.parametrize(
    "values",
    [
        {"name": None},
        {"name": ""},
        {"name": "Win at evil.com"},
        {"locale": None},
        {"locale": "klingon"},
    ],
)
async def test_update_profile_is_refused(world: World, api: Client, values: dict[str, Any]) -> None:
    user = await world.user()
    payload = await api.signed_in(user).do("updateProfile", values)
    (error,) = payload["errors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", list(values))
    assert await api.mutation_failed("updateProfile", {"name": "x"}) == ["UNAUTHENTICATED"]
    assert (await world.fresh(user)).name == user.name


async def test_other_users_do_not_see_the_language(world: World, api: Client) -> None:
    customer, admin = await world.user(locale="de"), await world.admin()
    assert (await api.signed_in(admin).ask(OTHER, id=gid(customer)))["node"]["locale"] == "de"
    assert (await api.signed_in(await world.user()).ask(OTHER, id=gid(customer)))["node"] is None
