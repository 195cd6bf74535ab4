"""Push over real HTTP, to a server that speaks as Google's do."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from pydantic import ValidationError
from starlette.responses import PlainTextResponse, Response

from core.clock import now
from core.ids import new_id
from core.settings import Settings
from gateways.errors import DeliveryError, InvalidRecipient, MessageRejected
from gateways.push import FcmSender, PushMessage, PushOutbox, create_push_sender
from tests.fake_google import UNAVAILABLE, UNREGISTERED, FakeGoogle, answering, refusal

TOKEN = "the token of a phone"


@pytest.fixture
def google(tmp_path: Path) -> Iterator[FakeGoogle]:
    with answering(tmp_path) as google:
        yield google


@pytest.fixture
async def fcm(google: FakeGoogle) -> AsyncIterator[FcmSender]:
    made = create_push_sender(Settings(fcm_credentials=google.account, fcm_url=google.url))
    assert isinstance(made, FcmSender)
    yield made
    await made.close()


def push(token: str = TOKEN) -> PushMessage:
    return PushMessage(
        new_id(), token, "Redeemed: चाय ☕", "At the corner", new_id(), {"kind": "TEST"}
    )


async def refused(fcm: FcmSender, google: FakeGoogle, answer: Response) -> DeliveryError:
    google.refusals[TOKEN].append(answer)
    with pytest.raises(DeliveryError) as raised:
        await fcm.send(push())
    return raised.value


async def test_push_arrives_as_it_was_written(fcm: FcmSender, google: FakeGoogle) -> None:
    sent = push()
    assert await fcm.send(sent) == "projects/haat-test/messages/1"
    assert google.sent == [sent.encode()]
    (message,) = google.sent
    assert message["notification"] == {"title": sent.title, "body": sent.body}
    assert message["android"]["collapse_key"] == message["webpush"]["headers"]["Topic"]


async def test_push_signs_in_once_for_an_hour(fcm: FcmSender, google: FakeGoogle) -> None:
    for _ in range(3):
        await fcm.send(push())
    assert len(google.granted) == 1


async def test_push_signs_in_again_when_its_token_ends(fcm: FcmSender, google: FakeGoogle) -> None:
    google.token_seconds = 1
    for _ in range(2):
        await fcm.send(push())
    assert len(google.granted) == 2


async def test_push_signs_in_again_when_its_token_is_refused(
    fcm: FcmSender, google: FakeGoogle
) -> None:
    await fcm.send(push())
    google.granted.append("another than we have")
    with pytest.raises(DeliveryError, match="401"):
        await fcm.send(push())
    await fcm.send(push())
    assert len(google.sent) == 2


async def test_push_that_may_not_sign_in_is_tried_again(fcm: FcmSender, google: FakeGoogle) -> None:
    google.signs_in = False
    with pytest.raises(DeliveryError, match="OAuth 401: unauthorized_client") as raised:
        await fcm.send(push())
    assert not isinstance(raised.value, MessageRejected)
    assert google.asked == 0


@pytest.mark.parametrize(
    "answer",
    [
        UNREGISTERED,
        refusal(403, "SENDER_ID_MISMATCH"),
        refusal(400, "INVALID_ARGUMENT", field="message.token"),
        refusal(400, "INVALID_ARGUMENT", text="The registration token is not a valid one"),
    ],
)
async def test_push_to_a_device_that_is_gone(
    fcm: FcmSender, google: FakeGoogle, answer: Response
) -> None:
    assert isinstance(await refused(fcm, google, answer), InvalidRecipient)


@pytest.mark.parametrize(
    "answer",
    [
        refusal(400, "INVALID_ARGUMENT", field="message.data[0].value"),
        refusal(400, "INVALID_ARGUMENT"),
        refusal(403, "PERMISSION_DENIED"),
        PlainTextResponse("no such thing", 404),
    ],
)
async def test_push_that_is_wrong_in_itself_is_no_fault_of_the_device(
    fcm: FcmSender, google: FakeGoogle, answer: Response
) -> None:
    error = await refused(fcm, google, answer)
    assert type(error) is MessageRejected


@pytest.mark.parametrize(
    ("answer", "after"),
    [
        (UNAVAILABLE, 0),
        (PlainTextResponse("<html>Bad gateway</html>", 502), 0),
        (refusal(503, "UNAVAILABLE", headers={"Retry-After": "120"}), 120),
        (refusal(429, "QUOTA_EXCEEDED", headers={"Retry-After": "90"}), 90),
        (refusal(429, "QUOTA_EXCEEDED"), 60),
        (refusal(500, "INTERNAL", headers={"Retry-After": "soon"}), 0),
    ],
)
async def test_push_that_fails_temporarily_is_retried_after_retry_after(
    fcm: FcmSender, google: FakeGoogle, answer: Response, after: float
) -> None:
    error = await refused(fcm, google, answer)
    assert type(error) is DeliveryError
    assert error.after == after


async def test_push_is_tried_again_at_the_time_google_names(
    fcm: FcmSender, google: FakeGoogle
) -> None:
    at = format_datetime(now() + timedelta(hours=1), usegmt=True)
    error = await refused(fcm, google, refusal(503, "UNAVAILABLE", headers={"Retry-After": at}))
    assert 3000 < error.after <= 3600


async def test_push_leaves_google_alone_when_asked_to(fcm: FcmSender, google: FakeGoogle) -> None:
    await refused(fcm, google, refusal(429, "QUOTA_EXCEEDED", headers={"Retry-After": "90"}))
    with pytest.raises(DeliveryError, match="asked to pause") as raised:
        await fcm.send(push("another's"))
    assert 60 < raised.value.after <= 90
    assert google.asked == 1


async def test_push_to_an_unreachable_server(google: FakeGoogle) -> None:
    fcm = create_push_sender(Settings(fcm_credentials=google.account, fcm_url="http://127.0.0.1:1"))
    assert fcm is not None
    with pytest.raises(DeliveryError, match="ConnectError"):
        await fcm.send(push())
    await fcm.close()


async def test_errors_contain_no_secret(fcm: FcmSender, google: FakeGoogle) -> None:
    for answer in (UNREGISTERED, UNAVAILABLE, refusal(400, "INVALID_ARGUMENT", text=TOKEN)):
        error = str(await refused(fcm, google, answer))
        assert TOKEN not in error
        assert google.granted[-1] not in error


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ("nothing", "not a readable JSON file"),
        ("[]", "is not a service account"),
        (json.dumps({"project_id": "x"}), "client_email, private_key_id, private_key, token_uri"),
        ("key", "Check: private_key"),
    ],
)
def test_an_invalid_account_stops_the_start(google: FakeGoogle, wrong: str, text: str) -> None:
    if wrong == "key":
        wrong = json.dumps(json.loads(google.account.read_text()) | {"private_key": "not a key"})
    google.account.write_text(wrong)
    with pytest.raises(ValidationError, match=text) as raised:
        Settings(fcm_credentials=google.account)
    assert "not a key" not in str(raised.value)


def test_push_uses_the_configured_account(settings: Settings) -> None:
    assert isinstance(create_push_sender(settings), PushOutbox)
    assert create_push_sender(settings.model_copy(update={"environment": "production"})) is None


async def test_push_outbox_shows_the_latest_first(settings: Settings) -> None:
    outbox = PushOutbox(settings.outbox / "pushes")
    for number in range(3):
        await outbox.send(PushMessage(new_id(), TOKEN, f"Number {number}", "…", new_id(), {}))
    shown = list(outbox.latest(2))
    assert [one["subject"] for one in shown] == ["Number 2", "Number 1"]
    assert TOKEN not in shown[0]["to"]
