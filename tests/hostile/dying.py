"""`haat serve`, whose process is gone at one moment of its first claim or redemption.

    python -m tests.hostile.dying before|after

Before the commit nothing of it is kept; after it all is, and nobody has been told.
"""

import os
import sys
from typing import Never

import cli
from core.pubsub import PubSub
from services.journal import append as journal

KILLED = 9


def die(*_: object) -> Never:
    os._exit(KILLED)


MOMENTS = {"before": (journal, "write"), "after": (PubSub, "publish")}

if __name__ == "__main__":
    setattr(*MOMENTS[sys.argv[1]], die)
    cli.serve()
