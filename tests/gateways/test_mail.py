"""Mail over real SMTP, to a server in this process."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from core.ids import new_id
from core.settings import Settings
from gateways.errors import DeliveryError, MessageRejected
from gateways.mail import MailMessage, MailOutbox, SmtpSender, create_mail_sender
from tests.postbox import Postbox

SENDER = "Haat <no-reply@haat.example>"
MAIL = MailMessage(
    new_id(), "asha@haat.example", "Redeemed: चाय ☕", "Hello Asha,\n\n“चाय” it is.\n"
)


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def address(postbox: Postbox) -> Iterator[str]:
    with postbox.open() as address:
        yield address


async def test_mail_arrives_as_it_was_written(postbox: Postbox, address: str) -> None:
    assert "OK" in await SmtpSender(f"smtp://{address}", SENDER).send(MAIL)
    ((recipients, message),) = postbox.received
    assert recipients == ["asha@haat.example"]
    assert (message["From"], message["To"]) == (SENDER, MAIL.to)
    assert message["Subject"] == MAIL.subject
    assert message["Message-ID"] == f"<{MAIL.id}@haat>"
    assert message["Date"].datetime.tzinfo is not None
    assert message.get_content().replace("\r\n", "\n") == MAIL.body


async def test_mail_signs_in_with_credentials_of_the_url(postbox: Postbox, address: str) -> None:
    await SmtpSender(f"smtp://us%40er:p%40ss%3Aword@{address}", SENDER).send(MAIL)
    assert postbox.logged_in == [(b"us@er", b"p@ss:word")]
    assert len(postbox.received) == 1
    with pytest.raises(DeliveryError, match="SMTPAuthenticationError 535") as raised:
        await SmtpSender(f"smtp://us%40er:wrong@{address}", SENDER).send(MAIL)
    assert not isinstance(raised.value, MessageRejected)


@pytest.mark.parametrize("user", ["", "us%40er:p%40ss%3Aword@"])
async def test_remote_server_without_tls_gets_neither_password_nor_mail(
    postbox: Postbox, address: str, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`mail.haat.example` resolves to the server of this process, which has no STARTTLS."""
    resolve = socket.getaddrinfo

    def resolve_to_loopback(host: str, *given: Any, **options: Any) -> Any:
        return resolve("127.0.0.1" if host == "mail.haat.example" else host, *given, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_to_loopback)
    port = address.rpartition(":")[2]
    with pytest.raises(DeliveryError, match="STARTTLS") as raised:
        await SmtpSender(f"smtp://{user}mail.haat.example:{port}", SENDER).send(MAIL)
    assert not isinstance(raised.value, MessageRejected), "sent once the server is corrected"
    assert (postbox.logged_in, postbox.received) == ([], [])
    await SmtpSender(f"smtp://{user}localhost:{port}", SENDER).send(MAIL)
    assert len(postbox.received) == 1


async def test_mail_refused_temporarily_is_retried(postbox: Postbox, address: str) -> None:
    postbox.reply = "451 Try again later"
    for url in (f"smtp://{address}", "smtp://127.0.0.1:1"):
        with pytest.raises(DeliveryError) as raised:
            await SmtpSender(url, SENDER).send(MAIL)
        assert not isinstance(raised.value, MessageRejected)


async def test_mail_refused_permanently_is_not_retried(postbox: Postbox, address: str) -> None:
    postbox.reply = "554 No"
    with pytest.raises(MessageRejected, match="554"):
        await SmtpSender(f"smtp://{address}", SENDER).send(MAIL)
    postbox.refuses = "550 No such user here"
    with pytest.raises(MessageRejected, match="550") as raised:
        await SmtpSender(f"smtp://{address}", SENDER).send(MAIL)
    assert MAIL.to not in str(raised.value)
    postbox.refuses = "450 Mailbox busy"
    with pytest.raises(DeliveryError, match="450") as busy:
        await SmtpSender(f"smtp://{address}", SENDER).send(MAIL)
    assert not isinstance(busy.value, MessageRejected)


def test_mail_uses_the_configured_server(settings: Settings) -> None:
    assert isinstance(create_mail_sender(settings), MailOutbox)
    smtp = settings.model_copy(update={"mail_url": "smtp://mail.haat.example:25"})
    assert isinstance(create_mail_sender(smtp), SmtpSender)


async def test_outbox_shows_the_latest_first(settings: Settings) -> None:
    outbox = MailOutbox(settings.outbox / "shown", SENDER)
    mails = [MailMessage(new_id(), MAIL.to, f"Number {number}", MAIL.body) for number in range(3)]
    for mail in mails:
        await outbox.send(mail)
    shown = list(outbox.latest(2))
    assert [one["subject"] for one in shown] == ["Number 2", "Number 1"]
    assert shown[0]["to"] == MAIL.to
    assert shown[0]["body"].replace("\r\n", "\n") == MAIL.body
