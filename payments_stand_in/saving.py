"""A file that keeps the objects while the stand-in does not run."""

import json
from pathlib import Path

from payments_stand_in.state import StandIn


def save(stand_in: StandIn, path: Path) -> None:
    """Write the objects and the money, but no faults: these end with the process."""
    sums = [[*key, amount] for key, amount in stand_in.funds.sums.items()]
    kept = {"kinds": stand_in.store.kinds, "sums": sums}
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(".new")
    written.write_text(json.dumps(kept))
    written.replace(path)


def load(stand_in: StandIn, path: Path) -> None:
    """Read them back, if there is a file. One that cannot be read is as good as none."""
    try:
        kept = json.loads(path.read_text())
        stand_in.store.kinds.update(kept["kinds"])
        for account, currency, status, amount in kept["sums"]:
            stand_in.funds.sums[account, currency, status] = amount
    except (OSError, ValueError, KeyError, TypeError):
        return
