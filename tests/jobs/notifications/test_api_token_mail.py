"""Each new API token is reported by mail at once, and a thief cannot prevent that."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest

from models.identity.accounts import User
from models.notifications.deliveries import DeliveryState
from models.notifications.inbox import Channel, NotificationKind
from models.notifications.preferences import NotificationPreference
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.world import World
from tests.jobs.conftest import Work
from tests.jobs.notifications.deliveries import deliveries, mails, notifications

KIND = NotificationKind.API_TOKEN_CREATED
TOKEN = {"name": "Call the evil support now", "scopes": ["READ"]}
FIELDS = "secret apiToken { id prefix }"


async def create(client: Client) -> dict[str, str]:
    payload = await client.do("createApiToken", TOKEN, FIELDS)
    assert payload["errors"] == []
    token: dict[str, str] = payload["apiToken"] | {"secret": payload["secret"]}
    return token


def read(outbox: Path) -> tuple[str, str, str]:
    """Return the recipient, subject and text of the only mail."""
    (path,) = mails(outbox)
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = mail.get_body()
    assert body is not None
    return str(mail["To"]), str(mail["Subject"]), body.get_content()


SUBJECTS = {
    "en": "A new API token was created for your account",
    "de-AT": "Für dein Konto wurde ein neues API-Token erstellt",
    "es": "Se ha creado un nuevo token de API para tu cuenta",
    "hi-IN": "आपके खाते के लिए एक नया API टोकन बनाया गया",
    "fr": "A new API token was created for your account",
}


@pytest.mark.parametrize("locale", SUBJECTS)
async def test_a_new_token_is_mailed_in_the_language_of_the_user(
    world: World, api: Client, work: Work, outbox: Path, locale: str
) -> None:
    """Without its name, which a thief would choose, and without its secret."""
    user = await world.user(locale=locale)
    token = await create(api.signed_in(user).reading("es"))
    await work()
    to, subject, body = read(outbox)
    # The email package folds long subjects, and loses a space where they are not ASCII.
    assert subject.replace(" ", "") == SUBJECTS[locale].replace(" ", "")
    assert to == email_of(user)
    assert token["prefix"] in body
    assert token["secret"] not in body
    assert "evil" not in subject + body


async def quiet(world: World, client: Client, user: User) -> None:
    await world.quiet_now(user)


async def unwanted(world: World, client: Client, user: User) -> None:
    preference = NotificationPreference(
        user_id=user.id, kind=KIND, channel=Channel.MAIL, allowed=False
    )
    await world.save(preference)


async def seen(world: World, client: Client, user: User) -> None:
    (notification,) = await notifications(world)
    read_it = {"upTo": gid(notification)}
    assert await client.refusal_codes("markNotificationsRead", read_it) == []


async def revoked(world: World, client: Client, user: User) -> None:
    answer = await client.ask("{ viewer { apiTokens { nodes { id } } } }")
    (node,) = answer["viewer"]["apiTokens"]["nodes"]
    gone = {"apiTokenId": node["id"]}
    assert await client.refusal_codes("revokeApiToken", gone) == []


@pytest.mark.parametrize("hiding", [quiet, unwanted, seen, revoked])
async def test_the_mail_cannot_be_suppressed(
    world: World, api: Client, work: Work, outbox: Path, hiding: object
) -> None:
    user = await world.user()
    client = api.signed_in(user)
    await create(client)
    await hiding(world, client, user)  # type: ignore[operator]
    await work()
    assert read(outbox)[0] == email_of(user)
    (delivery,) = await deliveries(world)
    assert delivery.state is DeliveryState.SENT


async def test_the_preference_cannot_be_turned_off(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    choices = [{"kind": KIND, "channel": "MAIL", "allowed": False}]
    refused = await client.refusal_codes("updateNotificationPreferences", {"choices": choices})
    assert refused == ["INVALID_INPUT"]
    push = [{"kind": KIND, "channel": "PUSH", "allowed": False}]
    assert await client.refusal_codes("updateNotificationPreferences", {"choices": push}) == []


async def test_the_notification_shows_the_token_to_its_user(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    token = await create(client)
    asked = "{ viewer { notifications { nodes { kind subject { __typename id } } } } }"
    (node,) = (await client.ask(asked))["viewer"]["notifications"]["nodes"]
    assert node == {"kind": KIND, "subject": {"__typename": "ApiToken", "id": token["id"]}}
