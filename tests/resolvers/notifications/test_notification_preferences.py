"""Which notifications users want, on which channel, and their quiet hours."""

import asyncio
from typing import Any

import pytest

from models.notifications.inbox import NotificationKind
from tests.client import Client
from tests.factories.world import World

FIELDS = """choices { kind channel allowed } quietHours { startsAt endsAt timeZone }"""
ASK = f"{{ viewer {{ notificationPreferences {{ {FIELDS} }} }} }}"
NIGHT = {"startsAt": "22:00", "endsAt": "07:30", "timeZone": "Asia/Kolkata"}
NO_MAIL = {"kind": "MESSAGE_RECEIVED", "channel": "MAIL", "allowed": False}


async def update(client: Client, **given: Any) -> Any:
    done = await client.do("updateNotificationPreferences", given, f"preferences {{ {FIELDS} }}")
    assert done["errors"] == []
    return done["preferences"]


def refused(preferences: Any) -> list[tuple[str, str]]:
    return [(one["kind"], one["channel"]) for one in preferences["choices"] if not one["allowed"]]


async def test_preferences_by_default(world: World, api: Client) -> None:
    asked = await api.signed_in(await world.user()).ask(ASK)
    preferences = asked["viewer"]["notificationPreferences"]
    pairs = {(one["kind"], one["channel"]) for one in preferences["choices"]}
    assert pairs == {(kind, channel) for kind in NotificationKind for channel in ("PUSH", "MAIL")}
    assert refused(preferences) == []
    assert preferences["quietHours"] is None


async def test_update_notification_preferences(world: World, api: Client) -> None:
    user = await world.user()
    client, other = api.signed_in(user), api.signed_in(await world.user())
    changed = await update(client, choices=[NO_MAIL], quietHours=NIGHT)
    assert refused(changed) == [("MESSAGE_RECEIVED", "MAIL")]
    assert changed["quietHours"] == NIGHT
    assert (await client.ask(ASK))["viewer"]["notificationPreferences"] == changed
    assert refused((await other.ask(ASK))["viewer"]["notificationPreferences"]) == []


async def test_update_notification_preferences_keeps_omitted_fields(
    world: World, api: Client
) -> None:
    client = api.signed_in(await world.user())
    await update(client, choices=[NO_MAIL], quietHours=NIGHT)
    assert (await update(client))["quietHours"] == NIGHT
    later = NIGHT | {"endsAt": "08:00"}
    kept = await update(client, quietHours=later)
    assert (kept["quietHours"], refused(kept)) == (later, [("MESSAGE_RECEIVED", "MAIL")])
    again = await update(client, choices=[NO_MAIL, NO_MAIL | {"allowed": True}], quietHours=None)
    assert (again["quietHours"], refused(again)) == (None, [])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"endsAt": "22:00"}, ["INVALID_INPUT"]),
        ({"endsAt": "24:00"}, None),
        ({"timeZone": "Asia/Atlantis"}, None),
    ],
)
async def test_update_notification_preferences_to_hours_there_are_not(
    world: World, api: Client, change: dict[str, str], code: list[str] | None
) -> None:
    client = api.signed_in(await world.user())
    given = {"quietHours": NIGHT | change}
    if code:
        assert await client.refusal_codes("updateNotificationPreferences", given) == code
    else:
        failed = await client.mutation_failed("updateNotificationPreferences", given)
        assert failed == ["BAD_USER_INPUT"]


async def test_update_notification_preferences_in_too_many_ways(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    given = {"choices": [NO_MAIL] * 101}
    assert await client.refusal_codes("updateNotificationPreferences", given) == ["INVALID_INPUT"]


async def test_update_notification_preferences_at_once(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    choices = [NO_MAIL, NO_MAIL | {"channel": "PUSH"}]
    for _ in range(5):
        await asyncio.gather(
            update(client, choices=choices, quietHours=NIGHT),
            update(client, choices=choices[::-1], quietHours=NIGHT),
            update(client, quietHours=None),
        )
    assert len(refused(await update(client))) == 2


async def test_update_notification_preferences_as_anonymous(world: World, api: Client) -> None:
    failed = await api.mutation_failed("updateNotificationPreferences", {"quietHours": NIGHT})
    assert failed == ["UNAUTHENTICATED"]
