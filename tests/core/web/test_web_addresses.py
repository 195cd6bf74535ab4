"""Web addresses in names, and names that only look like them."""

import pytest

from core.web.web_addresses import contains_web_address


@pytest.mark.parametrize(
    "text",
    [
        "Haat Security. Confirm at https://evil.example/x",
        "hxxp://evil",
        "HTTPS : // no, but https:// yes",
        "go to WWW.evil",
        "evil.com",
        "EVIL.COM now",
        "(haat-secure.com)",
        "haat.in",
        "login.haat.co.uk",
        "a@evil.org",
        "a@haat.example",
        "t.me/evil",
        "bit.ly/3xYz",
        "wa.me/123",
        "1.2.3.4/login",
        "1.2.3.4:8000",
        "mailto:me",
        "javascript:alert(1)",
        "xn--hat-qla",
        "evil\u3002com",
        "\uff45\uff56\uff49\uff4c\uff0e\uff43\uff4f\uff4d",
        "\uff48\uff54\uff54\uff50\uff1a\uff0f\uff0fx",
        "दुकान.भारत",
        "haat.support",
        "evil.com.",
        "evil.com:8080",
    ],
)
def test_contains_web_address(text: str) -> None:
    assert contains_web_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "St. John",
        "Dr.Smith",
        "Dr.De Souza",
        "Node.js club",
        "J.R.R. Tolkien",
        "A.P.J.Abdul Kalam",
        "Anil Kumar, B.Com",
        "Anil Kumar, M.Sc.",
        "O'Brien & Sons Co.",
        "Café No.1",
        "Ravi.Kitchen",
        "see evil.example now",  # example is no domain in common use
        "50% off: 10.30-12.00",
        "AT&T",
        "@asha.rao",
        "chai @ 5.30",
        "a/c repairs",
        "v1.2.3",
        "Till 3: counter",
        "Sr.Manager",
        "Pvt.Ltd.",
        "नमस्ते।दुकान",
        "www",
        "...",
        "😀.😀",
        "http",
    ],
)
def test_names_with_dots_are_no_web_addresses(text: str) -> None:
    assert not contains_web_address(text)
