"""Addresses and subjects outside ASCII, over real SMTP."""

import random
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from core.ids import new_id
from gateways.errors import MessageRejected
from gateways.mail import MailMessage, MailOutbox, SmtpSender
from services.i18n import CATALOGUES
from tests.postbox import Postbox

SENDER = "Haat <no-reply@haat.example>"
LOCAL, ASCII_DOMAIN = "आशा@haat.example", "asha@xn--bcher-kva.example"
MAX_LINE = 78  # RFC 5322, 2.1.1
WORDS = (
    "Haat",
    "a",
    "API",
    "नया",
    "खाते",
    "दो",
    "für",
    "ö",
    "é",
    "€",
    "☕",
    "日本語",
    "=?x?=",
    "Ж,",
)


def mail(to: str = "asha@haat.example", subject: str = "Hello") -> MailMessage:
    return MailMessage(new_id(), to, subject, "नमस्ते, Grüße.\n")


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def plain(postbox: Postbox) -> Iterator[str]:
    with postbox.open() as address:
        yield f"smtp://{address}"


@pytest.fixture
def international(postbox: Postbox) -> Iterator[str]:
    with postbox.open(smtputf8=True) as address:
        yield f"smtp://{address}"


@pytest.mark.parametrize("domain", ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example"])
async def test_a_domain_is_in_ascii_in_header_and_envelope(
    postbox: Postbox, plain: str, domain: str
) -> None:
    await SmtpSender(plain, "Haat <no-reply@bücher.example>").send(mail(f"asha@{domain}"))
    ((recipients, message),) = postbox.received
    assert recipients == [message["To"]] == [ASCII_DOMAIN]
    assert message["From"] == "Haat <no-reply@xn--bcher-kva.example>"
    assert postbox.contents[0].isascii()
    assert b"=?" not in postbox.contents[0]


async def test_a_local_part_outside_ascii_is_given_up_by_a_server_without_smtputf8(
    postbox: Postbox, plain: str
) -> None:
    with pytest.raises(MessageRejected, match="does not support SMTPUTF8") as raised:
        await SmtpSender(plain, SENDER).send(mail(LOCAL))
    assert LOCAL not in str(raised.value)
    assert postbox.received == []


async def test_a_local_part_outside_ascii_arrives_at_a_server_with_smtputf8(
    postbox: Postbox, international: str
) -> None:
    await SmtpSender(international, SENDER).send(mail("आशा@bücher.example"))
    ((recipients, message),) = postbox.received
    assert recipients == ["आशा@xn--bcher-kva.example"]
    assert str(message["To"]) == recipients[0]


@pytest.mark.parametrize("to", ["आशा", "आशा@", "आशा@-.example", "a b@bücher.example"])
async def test_a_malformed_address_is_given_up(postbox: Postbox, plain: str, to: str) -> None:
    with pytest.raises(MessageRejected, match="malformed"):
        await SmtpSender(plain, SENDER).send(mail(to))
    assert postbox.received == []


async def test_the_outbox_shows_such_addresses_as_they_are(tmp_path: Path) -> None:
    outbox = MailOutbox(tmp_path, "हाट <no-reply@haat.example>")
    for to in (LOCAL, "asha@bücher.example"):
        await outbox.send(mail(to))
    assert [one["to"] for one in outbox.latest()] == [ASCII_DOMAIN, LOCAL]


def read(message: MailMessage) -> tuple[str, bytes]:
    raw = message.encode(SENDER).as_bytes()
    return str(message_from_bytes(raw, policy=policy.default)["Subject"]), raw


def test_subjects_in_each_language_are_read_as_written() -> None:
    """Every translated text, also joined to long ones, and random words of several scripts."""
    texts = [str(entry.string) for catalogue in CATALOGUES.values() for entry in catalogue]
    chance = random.Random(1)
    some = [" ".join(chance.choices(WORDS, k=chance.randrange(1, 40))) for _ in range(500)]
    for subject in (*texts, *(f"{text} {text}" for text in texts), *some):
        if line := " ".join(subject.split()):
            found, raw = read(mail(subject=subject))
            assert found == line
            assert max(map(len, raw.partition(b"Message-ID")[0].split(b"\r\n"))) <= MAX_LINE


def test_a_long_name_of_the_sender_is_read_as_written() -> None:
    name = "हाट का बहुत लंबा नाम जो दो पंक्तियों में जाता है और फिर भी ठीक रहना चाहिए"
    raw = mail().encode(f"{name} <no-reply@haat.example>").as_bytes()
    # `policy.default` puts a space between two encoded words of a name, which RFC 2047 forbids.
    header = message_from_bytes(raw, policy=policy.compat32)["From"]
    assert str(make_header(decode_header(header))) == f"{name} <no-reply@haat.example>"
