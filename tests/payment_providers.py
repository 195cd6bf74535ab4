"""The stand-in of the payment providers, served from a thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from payments_stand_in.app import create_app
from payments_stand_in.state import PUBLISHABLE_KEY, SECRET_KEY, StandIn
from tests.processes import free_port
from tests.threads import served


@dataclass
class RunningStandIn:
    """A stand-in that answers at `url`. Its objects belong to the thread: look, don't touch."""

    url: str
    state: StandIn
    http: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=30))

    def control(self, **faults: Any) -> dict[str, Any]:
        """Switch faults on and off. `reset=True` switches the others off."""
        answer = self.http.post(f"{self.url}/_controls", json=faults)
        assert answer.is_success, answer.text
        return dict(answer.json())

    def act(self, action: str, **given: Any) -> dict[str, Any]:
        """Let something happen, such as a dispute."""
        answer = self.http.post(f"{self.url}/_controls/{action}", json=given)
        assert answer.is_success, answer.text
        return dict(answer.json())

    def confirm(self, intent: str, card: str = "pm_card_visa", **given: str) -> dict[str, Any]:
        """Pay with a test card, as a buyer's browser does. Returns the answer, also a decline."""
        found = self.objects("payment_intent")[intent]
        return self._call(
            f"/v1/payment_intents/{intent}/confirm",
            {"payment_method": card, "client_secret": found["client_secret"], **given},
            PUBLISHABLE_KEY,
        )

    def call(self, path: str, **form: str) -> dict[str, Any]:
        """Call the Stripe face with the secret key."""
        return self._call(path, form, SECRET_KEY)

    def objects(self, kind: str) -> dict[str, dict[str, Any]]:
        return dict(self.state.store.kinds.get(kind, {}))

    def _call(self, path: str, form: dict[str, str], key: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {key}"}
        return dict(self.http.post(f"{self.url}{path}", data=form, headers=headers).json())


@contextmanager
def running_stand_in() -> Iterator[RunningStandIn]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    state = StandIn(url)
    with served(create_app(state), port):
        running = RunningStandIn(url, state)
        with running.http:
            yield running
