"""Every way in: how a caller presents a credential, and what the server makes of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.client import Client
from tests.resolvers.identity.browser import BrowserPages
from tests.resolvers.identity.credentials.scene import CredentialScene

OK = "OK"
ANONYMOUS = "ANONYMOUS"  # the credential is not even looked at
VIEWER = "{ viewer { id } }"
NEW_PASSWORD = "kitchen-ladder-74-plum"


@dataclass(frozen=True)
class Way:
    """`present` returns OK or the reason of a refusal.

    `takes` are the kinds of credential that it accepts, and `fields` those of the schema that take
    them. `refused` are the reasons of refusing any other credential, and `again` is what becomes of
    a good one that is presented once more.
    """

    takes: set[str]
    fields: set[str]
    refused: set[str]
    again: str
    present: Callable[[CredentialScene, str], Awaitable[str]]


async def outcome(client: Client, name: str, input: dict[str, Any]) -> str:
    """Return the first code of a mutation."""
    kind = f"{name[0].upper()}{name[1:]}Input!"
    query = f"mutation ($input: {kind}) {{ {name}(input: $input) {{ errors {{ code }} }} }}"
    answer = await client.send(query, input=input)
    if "errors" in answer:
        return str(answer["errors"][0]["extensions"]["code"])
    codes = [error["code"] for error in answer["data"][name]["errors"]]
    return str(codes[0]) if codes else OK


def seen(answer: Mapping[str, Any]) -> str:
    """Return whether the answer to VIEWER has one."""
    if "errors" in answer:
        return str(answer["errors"][0]["extensions"]["code"])
    return OK if answer["data"]["viewer"] else ANONYMOUS


async def authorization(scene: CredentialScene, token: str) -> str:
    return seen(await scene.api.bearing(token).send(VIEWER))


async def cookie(scene: CredentialScene, token: str) -> str:
    pages = BrowserPages(scene.api.http)
    pages.cookie = token
    return seen(await pages.send(VIEWER))


async def redeem(scene: CredentialScene, token: str) -> str:
    reason = str((await scene.till.redeem(scene.api, token=token))["reason"])
    return OK if reason == "APPROVED" else reason


async def download(scene: CredentialScene, token: str) -> str:
    answer = await scene.api.http.get("/objects", params={"link": token})
    return OK if answer.status_code == 200 else str(answer.status_code)


async def upload(scene: CredentialScene, token: str) -> str:
    link, headers = {"link": token}, {"Content-Type": "text/plain"}
    http = scene.api.http
    answer = await http.put("/objects", params=link, content=b"abc", headers=headers)
    return OK if answer.status_code == 200 else str(answer.status_code)


async def accept_invitation(scene: CredentialScene, token: str) -> str:
    client = scene.api.signed_in(scene.invited)
    return await outcome(client, "acceptInvitation", {"token": token})


async def download_my_data(scene: CredentialScene, token: str) -> str:
    client = scene.api.signed_in(scene.exporting)
    return await outcome(client, "downloadMyData", {"token": token})


async def confirm_second_factor(scene: CredentialScene, token: str) -> str:
    given = {"challengeId": token, "totp": scene.app.code()}
    return await outcome(scene.api, "confirmSecondFactor", given)


def mutation(
    mutation_name: str, field: str = "token", beside: str = "", **more: str
) -> Callable[[CredentialScene, str], Awaitable[str]]:
    """Return how to present a credential to a mutation of an anonymous caller."""

    async def present(scene: CredentialScene, token: str) -> str:
        given = {field: token, **more, **scene.beside.get(beside, {})}
        return await outcome(scene.api, mutation_name, given)

    return present


LINK_ENDED, CODE_ENDED, ENDED = {"LINK_ENDED"}, {"CODE_ENDED"}, {"SESSION_ENDED"}
password = {"password": NEW_PASSWORD}

WAYS: dict[str, Way] = {
    "Authorization": Way(
        {"access token", "API token"}, set(), {"UNAUTHENTICATED"}, OK, authorization
    ),
    "cookie": Way({"cookie"}, set(), {ANONYMOUS, "UNAUTHENTICATED"}, OK, cookie),
    "refreshSession": Way(
        {"refresh token"},
        {"RefreshSessionInput.refreshToken"},
        ENDED,
        OK,  # a token that is younger than 30 seconds is returned as it is
        mutation("refreshSession", "refreshToken"),
    ),
    "verifyEmail": Way(
        {"registration link", "address link"},
        {"VerifyEmailInput.token"},
        CODE_ENDED,
        "CODE_ENDED",
        mutation("verifyEmail", **password),
    ),
    "verifyEmail with a code": Way(
        {"registration secret"},
        {"VerifyEmailInput.registrationSecret"},
        CODE_ENDED,
        "CODE_ENDED",
        mutation("verifyEmail", "registrationSecret", "registration secret"),
    ),
    "resetPassword": Way(
        {"reset link"},
        {"ResetPasswordInput.token"},
        LINK_ENDED,
        "LINK_ENDED",
        mutation("resetPassword", **password),
    ),
    "undoChange": Way(
        {"undo link"}, {"UndoChangeInput.token"}, LINK_ENDED, "LINK_ENDED", mutation("undoChange")
    ),
    "cancelAccountDeletion": Way(
        {"deletion link"},
        {"CancelAccountDeletionInput.token"},
        LINK_ENDED,
        "LINK_ENDED",
        mutation("cancelAccountDeletion"),
    ),
    "acceptInvitation": Way(
        {"invitation"},
        {"AcceptInvitationInput.token"},
        {"INVITATION_ENDED"},
        "INVITATION_ENDED",
        accept_invitation,
    ),
    "acceptAdminInvitation": Way(
        {"admin invitation"},
        {"AcceptAdminInvitationInput.token"},
        {"INVITATION_ENDED"},
        "INVITATION_ENDED",
        mutation("acceptAdminInvitation", **password, name="Asha"),
    ),
    "downloadMyData": Way(
        {"export link"},
        {"DownloadMyDataInput.token"},
        LINK_ENDED,
        "LINK_ENDED",
        download_my_data,
    ),
    "download": Way({"download link"}, set(), {"403"}, OK, download),
    "upload": Way({"upload link"}, set(), {"403"}, "409", upload),
    "redeemVoucher": Way(
        {"QR code"},
        {"RedeemVoucherInput.token"},
        {"BAD_SIGNATURE", "WRONG_TYPE"},
        "ALREADY_REDEEMED",
        redeem,
    ),
    "confirmAttendanceByLink": Way(
        {"booking link"},
        {"ConfirmAttendanceByLinkInput.token"},
        {"BOOKING_LINK_ENDED"},
        OK,
        mutation("confirmAttendanceByLink"),
    ),
    "cancelBookingByLink": Way(
        {"booking link"},
        {"CancelBookingByLinkInput.token"},
        {"BOOKING_LINK_ENDED"},
        OK,
        mutation("cancelBookingByLink"),
    ),
    "confirmSecondFactor": Way(
        {"second factor"},
        {"ConfirmSecondFactorInput.challengeId"},
        {"CHALLENGE_ENDED"},
        "CHALLENGE_ENDED",
        confirm_second_factor,
    ),
    "logInWithCode": Way(
        {"phone challenge"},
        {"LogInWithCodeInput.challengeId"},
        CODE_ENDED,
        "CODE_ENDED",
        mutation("logInWithCode", "challengeId", "phone challenge"),
    ),
    "logInWithProvider": Way(
        {"provider flow"},
        {"LogInWithProviderInput.flow"},
        {"FLOW_ENDED"},
        "FLOW_ENDED",
        mutation("logInWithProvider", "flow", "provider flow"),
    ),
    "logInWithPasskey": Way(
        {"passkey challenge"},
        {"LogInWithPasskeyInput.challengeId"},
        {"CHALLENGE_ENDED"},
        "CHALLENGE_ENDED",
        mutation("logInWithPasskey", "challengeId", "passkey challenge"),
    ),
}
