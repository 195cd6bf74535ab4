"""The table of postings in the documentation is that of the code."""

import re

from core.settings import HOME
from models.ledger.accounts import AccountKind
from models.ledger.entries import PostingKind

PAGE = (HOME / "docs/architecture/ledger.md").read_text()
ROW = re.compile(r"^\| (`.+?`) \| .+? \| (.+) \|$", re.MULTILINE)
KEY = re.compile(r"`([a-z_]+):\{\w+\}`")
USED = re.compile(r"\bPostingKind\.([A-Z_]+)")
# The module that declares them, and the one that words them in statements, post nothing.
OTHERS = {"models/ledger/entries.py", "services/ledger/account_statements/wording.py"}
KINDS = re.compile(r"\b[A-Z]+(?:_[A-Z]+)*\b")


def test_each_kind_of_posting_is_explained_once() -> None:
    table = PAGE.partition("## Postings")[2].partition("## Wallets")[0]
    rows = ROW.findall(table)
    explained = [kind for keys, _ in rows for kind in KEY.findall(keys)]
    assert len(explained) == len(set(explained))
    assert {kind.lower() for kind in PostingKind} == set(explained)
    named = {name for _, entries in rows for name in KINDS.findall(entries)}
    assert named == set(AccountKind)


def test_each_kind_of_posting_is_posted() -> None:
    paths = [path for layer in ("models", "services") for path in (HOME / layer).rglob("*.py")]
    texts = [one.read_text() for one in paths if str(one.relative_to(HOME)) not in OTHERS]
    assert {name for one in texts for name in USED.findall(one)} == {*PostingKind}
