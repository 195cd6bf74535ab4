"""Every way in is tried with each credential of another kind, and with forged and expired ones."""

from collections.abc import Iterator

import pytest
from graphql import GraphQLInputObjectType, GraphQLSchema

from core.settings import Settings
from tests.authenticator import SoftAuthenticator
from tests.client import Client
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.resolvers.identity.credentials.scene import CredentialScene, changed, forged
from tests.resolvers.identity.credentials.ways import OK, WAYS, Way, outcome
from tests.resolvers.identity.registering import started
from tests.resolvers.identity.sessions.test_browser_mode import forget_copies

SECRETS = {"token", "registrationSecret", "refreshToken", "challengeId", "flow"}
# Fields that take a credential, and open no account: why.
OTHERS = {
    "CheckInInput.token": "is the QR code of a ticket, at the gate of a member who is signed in",
    "OfflineScanInput.token": "is the QR code of a ticket, scanned by a member who is signed in",
    "OfflineRedemptionInput.token": "is the QR code of a voucher, scanned by a member who is"
    " signed in",
    "ConfirmPhoneInput.challengeId": "needs the session that asked",
    "DeclineInvitationInput.token": "declines what acceptInvitation accepts",
    "LinkProviderInput.flow": "needs the session that asked",
    "LogOutInput.refreshToken": "ends a session",
    "PasskeyProofInput.challengeId": "needs the session that asked",
    "ProviderProofInput.flow": "needs the session that asked",
    "RegisterDeviceInput.token": "is of a push service",
    "RegisterPasskeyInput.challengeId": "needs the session that asked",
    "RequestMailCodeInput.challengeId": "sends a mail",
    "ResendVerificationInput.registrationSecret": "sends a mail",
}
SIGNED = {"access token", "upload link", "download link", "booking link", "QR code"}


@pytest.fixture
async def scene(world: World, api: Client, settings: Settings) -> CredentialScene:
    return await CredentialScene(world, api, settings).build()


def fields(graph: GraphQLSchema) -> Iterator[str]:
    for kind in graph.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            yield from (f"{kind.name}.{name}" for name in kind.fields.keys() & SECRETS)


def test_every_field_that_takes_a_credential_is_known(graph: GraphQLSchema) -> None:
    tried = {field for way in WAYS.values() for field in way.fields}
    assert set(fields(graph)) == tried | OTHERS.keys()


async def refusals(scene: CredentialScene, way: Way, tried: dict[str, str]) -> dict[str, str]:
    """Present credentials. Returns what was not refused for one of the reasons of the way."""
    found = {name: await way.present(scene, token) for name, token in tried.items()}
    refused = way.refused | {"INVALID_INPUT"}  # one that is too long
    return {name: answer for name, answer in found.items() if answer not in refused}


async def test_only_its_own_credential_is_accepted_and_forgeries_use_nothing_up(
    scene: CredentialScene,
) -> None:
    """At the end, each good credential works, and once more only if it can be used again."""
    assert set(scene.good) == {kind for way in WAYS.values() for kind in way.takes}
    for name, way in WAYS.items():
        others = {kind: token for kind, token in scene.good.items() if kind not in way.takes}
        assert await refusals(scene, way, others) == {}, name
        for kind in way.takes:
            token = scene.good[kind]
            made = {f"{kind} {number}": one for number, one in enumerate(changed(token))}
            if kind in SIGNED:
                made |= forged(scene, token)
            assert await refusals(scene, way, made) == {}, name
    for name, way in WAYS.items():
        for kind in way.takes:
            used = [await way.present(scene, scene.good[kind]) for _ in range(2)]
            assert used == [OK, way.again], f"{name}: {kind}"


async def test_a_stolen_credential_is_of_no_use_to_another_person(scene: CredentialScene) -> None:
    """If it is bound to a person. The others are the proof themselves, until they end.

    A refresh token is one of these: tests/races/identity/test_refresh.py has both of its holders.
    """
    world, api, good = scene.world, scene.api, scene.good
    thief = await world.user()
    shop = await Till.open(world)
    app = await world.totp(thief)
    device = SoftAuthenticator(scene.settings.relying_party.origins[0])
    options = (await started(api, "LOG_IN"))["options"]

    async def use(name: str, client: Client = api, **given: str) -> str:
        return await outcome(client, name, given)

    stolen = {
        "invitation": await use("acceptInvitation", api.signed_in(thief), token=good["invitation"]),
        "export": await use("downloadMyData", api.signed_in(thief), token=good["export link"]),
        "export, anonymous": await use("downloadMyData", token=good["export link"]),
        "registration": await use(
            "verifyEmail", registrationSecret=good["registration secret"], code="abcdef"
        ),
        "phone": await use("logInWithCode", challengeId=good["phone challenge"], code="abcdef"),
        "provider": await use(
            "logInWithProvider", flow=good["provider flow"], codeVerifier="v" * 43
        ),
        "second factor": await use(
            "confirmSecondFactor", challengeId=good["second factor"], totp=app.code()
        ),
        "passkey": await use(
            "logInWithPasskey",
            challengeId=good["passkey challenge"],
            credential=device.get(options),
        ),
        "QR code": (await shop.redeem(api, token=good["QR code"]))["reason"],
    }
    assert stolen == {
        "invitation": "WRONG_RECIPIENT",
        "export": "LINK_ENDED",
        "export, anonymous": "UNAUTHENTICATED",
        "registration": "CODE_WRONG",
        "phone": "CODE_WRONG",
        "provider": "FLOW_ENDED",
        "second factor": "FACTOR_WRONG",
        "passkey": "PASSKEY_REFUSED",
        "QR code": "OTHER_VENDOR",
    }


async def test_expired_credentials_are_refused(scene: CredentialScene, settings: Settings) -> None:
    """Although nothing has cleaned up. Signed ones are refused above; a QR code has no end."""
    await scene.end_everything()
    await forget_copies(settings.redis)
    for name, way in WAYS.items():
        stored = {kind: scene.good[kind] for kind in way.takes - SIGNED}
        assert await refusals(scene, way, stored) == {}, name
