"""Calls to providers without their stored keys, for controls."""

from typing import Any

import pytest

from core.ids import new_id
from gateways.payments.gateway import PaymentGateway
from services.payments.calls.purposes import CallRules


def send_with_new_keys(monkeypatch: pytest.MonkeyPatch, rules: type[CallRules]) -> None:
    """Have each try of a purpose sent with a key of its own."""
    send = rules.send

    async def send_again(self: Any, gateway: PaymentGateway, wanted: Any, *, key: str) -> Any:
        return await send(self, gateway, wanted, key=f"{key}-{new_id()}")

    monkeypatch.setattr(rules, "send", send_again)
