"""Changes of factors are mailed to the user, in the language of the user."""

from email import message_from_bytes, policy
from pathlib import Path

import pyotp
import pytest
from sqlmodel import update

from core.clock import now
from core.settings import Settings
from models.identity.factors import TotpFactor
from services.identity.security_notices import TEXTS
from tests.authenticator import SoftAuthenticator
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.factors import passkey_of
from tests.factories.world import World
from tests.jobs.conftest import Work
from tests.jobs.notifications.deliveries import mails
from tests.resolvers.identity.registering import owner_of, started
from tests.resolvers.identity.signing_in import challenge_of, second_step


def read(outbox: Path) -> tuple[set[str], list[str]]:
    """Return the recipients and the subjects of all mails, the latter sorted."""
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in mails(outbox)]
    return {str(mail["To"]) for mail in found}, sorted(str(mail["Subject"]) for mail in found)


async def test_each_change_of_one_time_codes(
    world: World, api: Client, work: Work, outbox: Path
) -> None:
    user = await world.user()
    client = api.signed_in(user)
    made = (await client.ask("mutation { enableTotp { secret } }"))["enableTotp"]
    code = {"code": pyotp.TOTP(made["secret"]).now()}
    assert await client.refusal_codes("confirmTotp", code) == []
    await client.ask("mutation { regenerateRecoveryCodes { errors { code } } }")
    await client.ask("mutation { disableTotp { errors { code } } }")
    await work()
    to, subjects = read(outbox)
    assert to == {email_of(user)}
    assert subjects == [
        "One-time codes were turned off for your account",
        "One-time codes were turned on for your account",
        "Your recovery codes were replaced",
    ]


async def test_a_recovery_code_and_the_last_wrong_code_of_a_day(
    world: World, api: Client, work: Work, outbox: Path
) -> None:
    user = await world.user(locale="de")
    app = await world.totp(user)
    async with world.database.session() as session, session.begin():
        await session.exec(update(TotpFactor).values(tried_at=[now()] * 18))
    for _ in range(2):
        await second_step(api, await challenge_of(api, user), totp=app.wrong_code())
    recovery = {"recoveryCode": app.recovery_codes[0]}
    await second_step(api, await challenge_of(api, user), **recovery)
    await work()
    to, subjects = read(outbox)
    assert to == {email_of(user)}
    assert [one.replace(" ", "") for one in subjects] == [
        "FürdeinKontowurdeeinWiederherstellungscodebenutzt",
        "FürdeinKontowurdenvielefalscheCodeseingegeben",
    ]


async def test_passkeys_that_are_added_removed_and_copied(
    world: World, api: Client, work: Work, outbox: Path, settings: Settings
) -> None:
    device = SoftAuthenticator(settings.relying_party.origins[0])
    user = await owner_of(world, api, device)
    device.sign_count = -1
    start = await started(api, "LOG_IN")
    given = {"challengeId": start["challengeId"], "credential": device.get(start["options"])}
    assert await api.refusal_codes("logInWithPasskey", given) == ["PASSKEY_REFUSED"]
    other = passkey_of(user)
    await world.save(other)
    client = api.signed_in(user)
    assert await client.refusal_codes("removePasskey", {"passkeyId": gid(other)}) == []
    await work()
    to, subjects = read(outbox)
    assert to == {email_of(user)}
    assert subjects == [
        "A copy of your passkey may be in use",
        "A passkey was added to your account",
        "A passkey was removed from your account",
    ]


@pytest.mark.parametrize("text", TEXTS.values(), ids=lambda text: text.subject.template)
def test_mails_state_when_it_happened(text: object) -> None:
    assert "{at}" in text.body.template  # type: ignore[attr-defined]
