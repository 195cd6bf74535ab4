"""The stand-in as a process: what it keeps in a file, and the settings that name it."""

import socket
from pathlib import Path

import pytest

from commands import payments
from core.settings import Settings
from gateways.payments.factory import create_payment_gateways
from models.payments.payments import PaymentProvider
from payments_stand_in.saving import load, save
from payments_stand_in.server import notify
from payments_stand_in.state import SECRET_KEY, StandIn
from tests.command_line import assert_refused, in_process


def test_objects_and_money_are_kept_in_a_file(tmp_path: Path) -> None:
    path, stand_in = tmp_path / "new" / "stand_in.json", StandIn("http://127.0.0.1:1")
    load(stand_in, path)  # there is none
    customer = stand_in.store.add("customer", "cus")
    stand_in.funds.book(500, "usd", "charge", "ch_1", fee=45)
    save(stand_in, path)
    again = StandIn("http://127.0.0.1:1")
    load(again, path)
    assert again.store.get("customer", customer["id"]) == customer
    assert again.funds.available("usd") == 455
    path.write_text("{}")
    load(again, path)


def test_webhooks_go_to_the_platform_and_for_accounts() -> None:
    stand_in = StandIn("http://127.0.0.1:1")
    for _ in range(2):  # another server takes the place of the first
        notify(stand_in, "http://127.0.0.1:8000/")
    found = [(one["url"], one["_connect"]) for one in stand_in.store.newest("webhook_endpoint")]
    assert found == [
        ("http://127.0.0.1:8000/webhooks/stripe", True),
        ("http://127.0.0.1:8000/webhooks/stripe", False),
    ]
    assert stand_in.paystack_webhooks == "http://127.0.0.1:8000/webhooks/paystack"


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = in_process(f"payments-stand-in --port {port}")
        assert not payments.is_free(port)
    assert_refused(ran, f"Port {port} is in use. Choose another one with --port.")


async def test_development_uses_the_stand_in_for_what_has_no_key() -> None:
    none = Settings(environment="development")
    needed = payments.settings_of_stand_in(none, "http://127.0.0.1:5")
    assert needed["STRIPE_URL"] == "http://127.0.0.1:5"
    assert needed["PAYSTACK_URL"] == "http://127.0.0.1:5/paystack"
    own = Settings(environment="development", paystack_secret_key="sk_test_own")
    assert "PAYSTACK_URL" not in payments.settings_of_stand_in(own, "http://127.0.0.1:5")
    named = {name.lower(): value for name, value in needed.items()} | {"environment": "development"}
    gateways = create_payment_gateways(Settings.model_validate(named))
    assert set(gateways) == {PaymentProvider.STRIPE, PaymentProvider.PAYSTACK}
    for gateway in gateways.values():
        await gateway.close()
    assert create_payment_gateways(none) == {}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"stripe_secret_key": SECRET_KEY}, "together"),
        ({"stripe_webhook_secrets": "whsec_1"}, "together"),
        (
            {
                "stripe_secret_key": "sk_live_1",
                "stripe_publishable_key": "pk_test_1",
                "stripe_webhook_secrets": "whsec_1, whsec_2",
            },
            "both live",
        ),
        (
            {
                "environment": "production",
                "mail_url": "smtp://mail.haat.example",
                "public_url": "https://haat.example",
                "objects_bucket": "haat",
                "stripe_url": "http://127.0.0.1:12111",
            },
            "STRIPE_URL must be https://",
        ),
    ],
)
def test_keys_that_do_not_go_together_are_refused(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Settings(**given)  # type: ignore[arg-type]
