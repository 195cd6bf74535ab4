"""Procrastinate's queue on our database, woken by the hub instead of by NOTIFY."""

import asyncio
import json
from collections.abc import Iterable

from procrastinate import PsycopgConnector
from procrastinate.connector import Notify

from core.pubsub import PubSub
from services.jobs import TOPIC


class PubSubConnector(PsycopgConnector):
    """Asks the database at intervals, and at once when a process of ours has deferred a job."""

    def __init__(self, pubsub: PubSub, conninfo: str) -> None:
        super().__init__(conninfo=conninfo, min_size=1, max_size=4)
        self._pubsub = pubsub

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Tell procrastinate of each signal as of a row that PostgreSQL would have announced."""
        heard = asyncio.Event()
        async with self._pubsub.listen(TOPIC, heard.set):
            while True:
                await heard.wait()
                heard.clear()
                payload = json.dumps({"type": "job_inserted", "job_id": 0})
                for channel in channels:
                    await on_notification(channel=channel, payload=payload)
