"""Types of settings with keys and secrets of providers. No message repeats a value."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

from core.security import webhook_signatures
from core.settings.values import PRINTABLE, split_at_commas

CARRIER_NAME = re.compile(r"[a-z0-9]+([-.&][a-z0-9]+)*")


def _beginning_with(*prefixes: str) -> Callable[[str], str]:
    """Return a check of the keys of a provider, so that one is not taken for another."""
    expected = " or ".join(prefixes)

    def check(text: str) -> str:
        if text and not (text.startswith(prefixes) and PRINTABLE.fullmatch(text)):
            raise ValueError(f"must begin with {expected}, as the provider shows it")
        return text

    return check


def _check_webhook_secrets(secrets: list[str]) -> list[str]:
    if not all(one.startswith("whsec_") and PRINTABLE.fullmatch(one) for one in secrets):
        raise ValueError("must be secrets that begin with whsec_, separated by commas")
    return secrets


def _read_carrier_secrets(given: Any) -> Any:
    """Return the secrets of each carrier. A name can stand twice, while a secret is replaced."""
    if not isinstance(given, str):
        return given
    found: dict[str, tuple[bytes, ...]] = {}
    for entry in split_at_commas(given):
        name, _, secret = entry.partition("=")
        try:
            key = webhook_signatures.read_secret(secret)
        except ValueError:
            key = b""
        if not (key and CARRIER_NAME.fullmatch(name)):
            raise ValueError(  # without the value, which is secret
                "must be pairs such as blue-dart=whsec_…, separated by commas: the name of the"
                " carrier in lower case with dashes for spaces, and 24 to 64 random bytes as"
                " base64"
            )
        found[name] = (*found.get(name, ()), key)
    return found


StripeSecretKey = Annotated[str, AfterValidator(_beginning_with("sk_", "rk_"))]
StripePublishableKey = Annotated[str, AfterValidator(_beginning_with("pk_"))]
PaystackSecretKey = Annotated[str, AfterValidator(_beginning_with("sk_"))]
StripeWebhookSecrets = Annotated[
    list[str],
    NoDecode,
    BeforeValidator(split_at_commas),
    AfterValidator(_check_webhook_secrets),
]
CarrierSecrets = Annotated[
    dict[str, tuple[bytes, ...]], NoDecode, BeforeValidator(_read_carrier_secrets)
]
