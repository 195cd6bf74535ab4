"""Pages to which buyers may return: those of the settings and, in development, of this machine."""

import pytest

from core.settings import Settings
from models.errors import InvalidInput
from models.payments.payments import PaymentProvider
from models.payments.ways import PaymentWay
from services.payments.ways import WaysToPay

PAGE = "https://shop.example/paid"
LOCAL = (
    "http://127.0.0.1:8000/",
    "http://127.0.0.1:8000/paid?order=1",
    "http://localhost:5173/paid",
    "https://shop.localhost/paid",
    "http://[::1]:8000/paid",
)
FOREIGN = (
    "https://shop.example/other",
    "https://evil.example/paid",
    "http://127.0.0.1:8000@evil.example/paid",
    "http://127.0.0.1.evil.example/paid",
    "http://localhost.evil.example/paid",
    "http://localhost:8000/paid#x",
    "http://local\thost:8000/paid",
    "http://LOCALHOST:8000/paid",
    "ftp://localhost/paid",
    "//localhost/paid",
    "javascript:alert(1)//localhost",
)


def returns_to(url: str, **values: object) -> bool:
    settings = Settings.for_tools(payment_return_urls=PAGE).model_copy(update=values)
    way = PaymentWay(provider=PaymentProvider.MANUAL, return_url=url)
    try:
        WaysToPay.of({}, settings).ensure_valid(way)
    except InvalidInput as error:
        return error.field != ["returnUrl"]
    return True


def test_buyers_return_to_the_pages_of_the_settings() -> None:
    for environment in ("development", "production"):
        assert returns_to(f"{PAGE}?order=1", environment=environment)


@pytest.mark.parametrize("url", LOCAL)
def test_pages_of_this_machine_are_for_development(url: str) -> None:
    assert returns_to(url)
    assert not returns_to(url, environment="production")


@pytest.mark.parametrize("url", FOREIGN)
def test_other_pages_are_refused(url: str) -> None:
    assert not returns_to(url)
