"""The queue of this process.

There is one: procrastinate renames the tasks of a blueprint when an app takes them, so a second app
would not know its jobs.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from procrastinate import App

from core.redis.pubsub import PubSub
from core.settings import Settings
from jobs.worker.connector import PubSubConnector
from jobs.worker.process import create_queue

_CREATED: list[App] = []


@contextmanager
def queue_of(settings: Settings, pubsub: PubSub) -> Iterator[App]:
    """Use the queue with a database during the block, then with the one from before.

    Its workers defer no periodic jobs. Others defer those of the last ten minutes as they start, so
    that a test would run jobs that depend on the hour of the day.
    """
    if not _CREATED:
        created = create_queue(settings, pubsub)
        created.periodic_defaults = {"max_delay": -1.0}
        _CREATED.append(created)
    with _CREATED[0].replace_connector(PubSubConnector(pubsub, settings.libpq_url)) as queue:
        yield queue
