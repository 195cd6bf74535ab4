"""What the vendors of each country do and sell."""

from collections.abc import Iterator
from dataclasses import dataclass

from demo import words_america, words_germany, words_india, words_nigeria

Ware = dict[str, str]


@dataclass(frozen=True)
class Trade:
    """A line of business: `bill` in whole units of the currency, texts by language.

    `kinds` are the initials of the discounts that suit it; in `signs`, which name
    a shop, `*` is a word of its own.
    """

    path: str
    bill: int
    kinds: str
    signs: tuple[str, ...]
    wares: tuple[Ware, ...]
    gifts: tuple[Ware, ...]


def _read_trades(locales: str, table: str) -> Iterator[Trade]:
    for block in table.strip().replace("\n  ", "\t").splitlines():
        header, *lines = block.split("\t")
        path, bill, kinds, signs = header.split(" | ")
        yield Trade(
            path=path,
            bill=int(bill),
            kinds=kinds,
            signs=tuple(signs.split(", ")),
            wares=tuple(_read_ware(locales, line) for line in lines if line[0] != "+"),
            gifts=tuple(_read_ware(locales, line[2:]) for line in lines if line[0] == "+"),
        )


def _read_ware(locales: str, line: str) -> Ware:
    return dict(zip(locales.split(), line.split(" | "), strict=True))


TRADES = {
    "IN": tuple(_read_trades("en hi", words_india.TRADES)),
    "NG": tuple(_read_trades("en pcm yo ha ig", words_nigeria.TRADES)),
    "US": tuple(_read_trades("en es", words_america.TRADES)),
    "DE": tuple(_read_trades("de en", words_germany.TRADES)),
}
