"""The aims of Haat beside the other servers."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.peers.contenders import DOCUMENTS, HAAT, LIST, MERCURIUS, NESTED, TYPENAME, YOGA
from benchmarks.peers.measurement import Figures

Results = Mapping[tuple[str, str], Figures]


@dataclass(frozen=True)
class Aim:
    """A figure, and the least or most that it may be."""

    title: str
    figure: float
    limit: float
    at_most: bool = False
    unit: str = "times"

    @property
    def met(self) -> bool:
        return self.figure <= self.limit if self.at_most else self.figure >= self.limit

    @property
    def bound(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.limit:g} {self.unit}"


def check_aims(results: Results) -> list[Aim]:
    """Return the aims whose servers and workloads were measured."""
    aims = []
    for title, key, workload, factor in (
        ("list: requests/s, of Yoga's", YOGA, LIST, 2.5),
        ("list: requests/s, of Mercurius's", MERCURIUS, LIST, 1.1),
        ("nested: requests/s, of Mercurius's", MERCURIUS, NESTED, 1.1),
    ):
        if pair := _pair(results, key, workload):
            haat, peer = pair
            aims.append(Aim(title, haat.rate / peer.rate, factor))
    for workload in (LIST, NESTED):
        if pair := _pair(results, MERCURIUS, workload):
            haat, peer = pair
            ratio = haat.database_milliseconds / peer.database_milliseconds
            title = f"{workload}: CPU of PostgreSQL, of Mercurius's"
            aims.append(Aim(title, ratio, 0.5, at_most=True))
    if typename := results.get((HAAT, TYPENAME)):
        title = "`{ __typename }`: CPU of the server"
        aims.append(Aim(title, typename.server_milliseconds, 0.12, at_most=True, unit="ms"))
    if documents := results.get((HAAT, DOCUMENTS)):
        title = "2,000 documents: p99, of p50"
        aims.append(Aim(title, documents.p99 / documents.p50, 4, at_most=True))
    return aims


def _pair(results: Results, peer: str, workload: str) -> tuple[Figures, Figures] | None:
    """Return Haat's figures and the peer's, or None if either is missing."""
    both = results.get((HAAT, workload)), results.get((peer, workload))
    return (both[0], both[1]) if both[0] and both[1] else None
