"""Text messages over real HTTP, to a server that answers as Twilio does."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.ids import new_id
from core.settings import Settings
from gateways.errors import DeliveryError, InvalidRecipient, MessageRejected
from gateways.sms import SmsMessage, SmsOutbox, TwilioSender, create_sms_sender
from tests.processes import free_port
from tests.threads import served

ACCOUNT, TOKEN, SENDER = "AC123", "secret", "+15005550006"
MESSAGE = SmsMessage(new_id(), "+919820012345", "123456 is your code for Haat. नमस्ते")


@dataclass
class FakeTwilio:
    """An account, the messages that it got, and the answers to the next ones."""

    url: str
    sent: list[dict[str, str]] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)

    async def send(self, request: Request) -> Response:
        if request.headers["authorization"] != "Basic QUMxMjM6c2VjcmV0":
            return JSONResponse({"code": 20003, "message": "Authenticate"}, 401)
        if self.answers:
            return self.answers.pop(0)
        form = parse_qs((await request.body()).decode(), strict_parsing=True)
        self.sent.append({name: value for name, (value,) in form.items()})
        return JSONResponse({"sid": f"SM{len(self.sent)}", "status": "queued"}, 201)


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    port = free_port()
    fake = FakeTwilio(f"http://127.0.0.1:{port}")
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    app = Starlette(routes=[Route(path, fake.send, methods=["POST"])])
    with served(app, port):
        yield fake


@pytest.fixture
async def sender(twilio: FakeTwilio) -> AsyncIterator[TwilioSender]:
    made = create_sms_sender(
        Settings(sms_account=ACCOUNT, sms_token=TOKEN, sms_from=SENDER, sms_url=twilio.url)
    )
    assert isinstance(made, TwilioSender)
    yield made
    await made.close()


async def test_a_message_arrives_as_it_was_written(
    sender: TwilioSender, twilio: FakeTwilio
) -> None:
    assert await sender.send(MESSAGE) == "SM1"
    assert twilio.sent == [{"To": MESSAGE.to, "From": SENDER, "Body": MESSAGE.body}]


async def test_a_messaging_service_chooses_the_sender(twilio: FakeTwilio) -> None:
    sender = TwilioSender(ACCOUNT, TOKEN, "MG42", twilio.url)
    await sender.send(MESSAGE)
    await sender.close()
    assert twilio.sent == [{"To": MESSAGE.to, "MessagingServiceSid": "MG42", "Body": MESSAGE.body}]


ANSWERS = [
    (JSONResponse({"code": 21211, "message": f"{MESSAGE.to} is not valid"}, 400), InvalidRecipient),
    (JSONResponse({"code": 21610, "message": "STOP"}, 400), InvalidRecipient),
    (JSONResponse({"code": 21603, "message": "From is required"}, 400), MessageRejected),
    (JSONResponse({"code": 20429}, 429, {"Retry-After": "7"}), DeliveryError),
    (PlainTextResponse("oops", 503), DeliveryError),
    (JSONResponse([], 500), DeliveryError),
]


@pytest.mark.parametrize(("answer", "kind"), ANSWERS)
async def test_a_refusal_is_classified(
    sender: TwilioSender, twilio: FakeTwilio, answer: Response, kind: type[DeliveryError]
) -> None:
    twilio.answers.append(answer)
    with pytest.raises(DeliveryError) as raised:
        await sender.send(MESSAGE)
    assert type(raised.value) is kind
    assert MESSAGE.to not in str(raised.value), "the reason is stored"
    assert raised.value.after == (7 if answer.status_code == 429 else 0)


async def test_wrong_credentials_are_retried(twilio: FakeTwilio) -> None:
    sender = TwilioSender(ACCOUNT, "wrong", SENDER, twilio.url)
    with pytest.raises(DeliveryError) as raised:
        await sender.send(MESSAGE)
    await sender.close()
    assert type(raised.value) is DeliveryError


async def test_no_answer_is_an_error() -> None:
    sender = TwilioSender(ACCOUNT, TOKEN, SENDER, f"http://127.0.0.1:{free_port()}")
    with pytest.raises(DeliveryError, match="did not respond"):
        await sender.send(MESSAGE)
    await sender.close()


async def test_the_outbox_keeps_messages(tmp_path: Path) -> None:
    outbox = create_sms_sender(Settings(environment="development", outbox=tmp_path))
    assert isinstance(outbox, SmsOutbox)
    await outbox.send(MESSAGE)
    (kept,) = outbox.latest()
    assert (kept["to"], kept["body"]) == (MESSAGE.to, MESSAGE.body)
    production = Settings.model_construct(sms_account="", environment="production")
    assert create_sms_sender(production) is None
