"""The garbage collector of a server or worker process: its thresholds, and what it no longer scans.

A full collection visits every object that can be part of a cycle. A server keeps hundreds of
thousands of them forever: code, the schema, cached documents and their plans. With 300 distinct
documents in the cache, collections took a fifth of the CPU time of each request.

Frozen objects are not visited. They are still freed with their last reference, but a cycle of them
is garbage forever, so freezing has a bounded rate, and what was frozen is visited once in a while.
"""

import gc
import time

# The defaults, 700, 10 and 10, suit programs that keep less than a request allocates. With 50,000,
# a collection of new objects stopped the process for 12 ms; with 10,000, for 3.
THRESHOLDS = (10_000, 50, 50)
# Almost all objects of the imports stay. To visit them a second time took 0.2 s of a start.
THRESHOLDS_OF_IMPORTS = (10_000, 1_000, 50)
DOCUMENTS_PER_FREEZE = 50
MIN_SECONDS = 60.0
# Each visit stops the process as long as one full collection, 0.4 s.
FREEZES_PER_VISIT = 10


class Freezer:
    """Freezes what is alive at the start, and again when there are many new documents.

    It does nothing unless it is started: only a process that does nothing else than serve or work
    may freeze objects, and its collections take long if others have filled the memory.

    A freeze happens with the document after fifty new ones: the plans of the others exist by then.
    There is at most one a minute, because objects of running requests are frozen as well, and their
    cycles are garbage until the visit of all objects, at every tenth freeze.
    """

    def __init__(self) -> None:
        self._new_documents = 0
        self._freezes = 0
        self._frozen_at: float | None = None

    def start(self) -> None:
        """Set the thresholds, and freeze what the start has made.

        A collection would take 0.4 s, a tenth of the start, to find that one object in 500 is
        garbage. The first visit of all objects finds them.
        """
        gc.set_threshold(*THRESHOLDS)
        self._freeze()

    def note_document(self) -> None:
        """Note that a document is kept from now on."""
        if self._frozen_at is None:
            return
        due = time.monotonic() >= self._frozen_at + MIN_SECONDS
        if self._new_documents >= DOCUMENTS_PER_FREEZE and due:
            self._collect_and_freeze()
        self._new_documents += 1

    def _collect_and_freeze(self) -> None:
        if self._freezes % FREEZES_PER_VISIT == 0:
            gc.unfreeze()
        gc.collect()  # else garbage would be frozen
        self._freeze()

    def _freeze(self) -> None:
        self._freezes += 1
        gc.freeze()
        self._new_documents = 0
        self._frozen_at = time.monotonic()
