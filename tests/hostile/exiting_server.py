"""`haat serve` whose process exits at a given moment of its first claim or redemption.

    python -m tests.hostile.exiting_server before|after

Before the commit nothing of it is stored; after the commit everything is, but no process was
notified. A first claim is one statement, which is its own transaction: before is before it is sent.
"""

import os
import sys
from typing import Never

import cli
from core.redis.pubsub import PubSub
from services.journal import append as journal
from services.offers import first_claims

KILLED = 9


def die(*_: object, **__: object) -> Never:
    os._exit(KILLED)


MOMENTS = {
    "before": ((journal, "write"), (first_claims, "claim")),
    "after": ((PubSub, "publish"),),
}

if __name__ == "__main__":
    for owner, name in MOMENTS[sys.argv[1]]:
        setattr(owner, name, die)
    cli.serve()
