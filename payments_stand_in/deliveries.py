"""Deliveries of webhooks: signed, tried again, doubled, held, delayed or dropped."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx
import structlog

from payments_stand_in.controls import Controls
from payments_stand_in.store import Json

TIMEOUT_SECONDS = 20
MAX_HELD = 10_000
log = structlog.get_logger(__name__)
Sign = Callable[[bytes], Mapping[str, str]]  # the headers of a body


@dataclass(frozen=True)
class DueWebhook:
    """A webhook that is due. It is signed at each try, with the time of that try."""

    url: str
    body: bytes
    sign: Sign


class Deliveries:
    """Sends webhooks in tasks of the server's event loop."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._http = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False)
        self._tasks: set[asyncio.Task[None]] = set()
        self.held: list[DueWebhook] = []
        self.sent = 0

    def send(self, url: str, event: Json, sign: Sign) -> None:
        """Send a webhook, unless a fault drops it."""
        due = DueWebhook(url, json.dumps(event, separators=(",", ":")).encode(), sign)
        faults, chance = self._controls.faults.webhooks, self._controls.random
        if faults.drop or chance.random() < faults.drop_share:
            faults.drop = max(faults.drop - 1, 0)
            return
        times = 2 if chance.random() < faults.duplicate_share else 1
        for _ in range(times):
            if faults.held and len(self.held) < MAX_HELD:
                self.held.append(due)
            else:
                pause = faults.delay_ms + chance.uniform(0, faults.spread_ms)
                self._start(due, pause / 1000)

    def release(self, order: str) -> int:
        """Send the held webhooks `same`, `reversed` or `shuffled`. Returns their number."""
        due, self.held = self.held, []
        if order == "reversed":
            due.reverse()
        elif order == "shuffled":
            self._controls.random.shuffle(due)
        task = asyncio.get_running_loop().create_task(self._send_all(due))
        self._keep(task)
        return len(due)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.aclose()

    def _start(self, due: DueWebhook, pause: float) -> None:
        self._keep(asyncio.get_running_loop().create_task(self._send(due, pause)))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_all(self, due: list[DueWebhook]) -> None:
        for one in due:
            await self._send(one, 0)

    async def _send(self, due: DueWebhook, pause: float) -> None:
        """Try until it is accepted, at most `attempts` times."""
        await asyncio.sleep(pause)
        for attempt in range(self._controls.faults.webhooks.attempts):
            if await self._is_accepted(due):
                return
            await asyncio.sleep(self._controls.faults.webhooks.retry_ms / 1000 * 2**attempt)
        log.warning("stand_in.webhook_given_up", url=due.url)

    async def _is_accepted(self, due: DueWebhook) -> bool:
        headers = {"Content-Type": "application/json", **due.sign(due.body)}
        try:
            answer = await self._http.post(due.url, content=due.body, headers=headers)
        except httpx.HTTPError:
            return False
        self.sent += answer.is_success
        return answer.is_success
