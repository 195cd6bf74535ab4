"""Devices that are recognized by their `User-Agent`."""

import pytest

from core.web.user_agents import MAX_AGENT_LENGTH, MAX_DEVICE_LENGTH, device_of

MOZILLA = "Mozilla/5.0"
AGENTS = {
    f"{MOZILLA} (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/127.0.0.0 Mobile Safari/537.36": "Chrome, Android",
    f"{MOZILLA} (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1": "Safari, iPhone",
    f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.5 Safari/605.1.15": "Safari, macOS",
    f"{MOZILLA} (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/127.0.0.0 Safari/537.36 Edg/127.0.2651.74": "Edge, Windows",
    f"{MOZILLA} (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0": "Firefox, Linux",
    "Haat/2.1 (iPhone; iOS 17.5)": "Haat, iPhone",
    "Dart/3.4 (dart:io)": "Dart",
    "curl/8.5.0": "curl",
    "Mozilla/5.0": None,
    "": None,
    "<b>\0\u202e/1": None,
}


@pytest.mark.parametrize(("agent", "device"), AGENTS.items())
def test_a_device_is_recognized(agent: str, device: str | None) -> None:
    assert device_of(agent) == device


def test_a_long_agent_is_not_searched_to_its_end() -> None:
    assert device_of("x" * MAX_AGENT_LENGTH + " Firefox/1 Windows") is None
    assert len(device_of("A" * 100 + "/1 Windows") or "") <= MAX_DEVICE_LENGTH
