"""Loads the servers in turn."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor

from benchmarks.cpu_time import database_cpu_seconds
from benchmarks.load.generator import LoadJob, run_load
from benchmarks.load.results import BenchmarkError, LoadResult
from benchmarks.peers.answers import ensure_same, read_answers
from benchmarks.peers.contenders import DOCUMENTS, FIXED
from benchmarks.peers.measurement import Figures, Turn
from benchmarks.peers.processes import PinnedServer
from benchmarks.peers.requests import EXPECTED, EXPECTED_IN_PAGES, encode_requests
from benchmarks.peers.stack import Stack

CLIENTS = 16
WARMUP_SECONDS = 1.5
MAX_DOCUMENTS_WARMUP_SECONDS = 5.0
Key = tuple[str, str]


def run_counted_load(job: LoadJob) -> tuple[LoadResult, float]:
    """Return the result, and the CPU seconds of the clients' process."""
    used = time.process_time()
    return run_load(job), time.process_time() - used


class PeerRunner:
    """Measures servers that run side by side, one at a time."""

    def __init__(self, stack: Stack, executor: Executor, seconds: float) -> None:
        self.stack = stack
        self.seconds = seconds
        self.results: dict[Key, Figures] = {}
        self._executor = executor
        self._servers: dict[Key, PinnedServer] = {}
        self._requests: dict[Key, list[bytes]] = {}
        self._sent: defaultdict[Key, int] = defaultdict(int)

    def add(
        self,
        server: PinnedServer,
        reference: PinnedServer,
        workloads: Sequence[str],
        cursors: Mapping[str, Sequence[str | None]],
    ) -> None:
        """Compare the answers with the reference, and warm the server up."""
        contender, token = server.contender, self.stack.tokens[0]
        for workload in workloads:
            if contender.key != FIXED:
                expected, given = (
                    read_answers(one, workload, cursors[one.contender.key], token)
                    for one in (reference, server)
                )
                ensure_same(contender, workload, expected, given)
            key = contender.key, workload
            self._servers[key] = server
            self._requests[key] = encode_requests(
                contender, workload, server.port, cursors[contender.key], self.stack.tokens
            )
            self.results[key] = Figures(*key)
            self._warm_up(key)

    def _warm_up(self, key: Key) -> None:
        """Load the server for a moment. Each of many documents is sent once, if there is time."""
        documents = key[1] == DOCUMENTS
        seconds = MAX_DOCUMENTS_WARMUP_SECONDS if documents else WARMUP_SECONDS
        self._load(key, seconds, repeatable=not documents)

    def measure_round(self, *, backwards: bool) -> None:
        """Measure each server with each workload once. Alternate the order between rounds."""
        for workload in dict.fromkeys(workload for _, workload in self.results):
            keys = [key for key in self.results if key[1] == workload]
            for key in reversed(keys) if backwards else keys:
                self._measure(key)

    def _measure(self, key: Key) -> None:
        server, figures = self._servers[key], self.results[key]
        server.forget_peak()
        server_cpu, database_cpu = server.cpu_seconds(), database_cpu_seconds(self.stack.postmaster)
        load, client_cpu = self._load(key, self.seconds, repeatable=True)
        turn = Turn(
            load=load,
            server_cpu=server.cpu_seconds() - server_cpu,
            database_cpu=database_cpu_seconds(self.stack.postmaster) - database_cpu,
            client_cpu=client_cpu,
        )
        figures.turns.append(turn)
        figures.peak_megabytes = max(figures.peak_megabytes, server.peak_megabytes())

    def _load(self, key: Key, seconds: float, *, repeatable: bool) -> tuple[LoadResult, float]:
        """Go on with the request at which the last load stopped."""
        requests = self._requests[key]
        start = self._sent[key] % len(requests)
        job = LoadJob(
            port=self._servers[key].port,
            clients=CLIENTS,
            seconds=seconds,
            requests=requests[start:] + requests[:start],
            repeatable=repeatable,
            expected=EXPECTED.get(key[1], EXPECTED_IN_PAGES),
        )
        load, client_cpu = self._executor.submit(run_counted_load, job).result()
        if not load.latencies:
            raise BenchmarkError(f"{' '.join(key)}: no correct answer, but {load.errors}")
        self._sent[key] += len(load.latencies)
        return load, client_cpu
