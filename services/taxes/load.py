"""Loading of rates from a file: new ones are added, and known ones are left as they are."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from pydantic import model_validator
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.audit import AuditAct
from models.errors import InvalidInput
from models.taxes.drafts import TaxRateDraft
from models.taxes.rates import RateKey, TaxRate, insert_between
from services.audit import entries as audit
from services.viewer import ANONYMOUS


class RateEntry(TaxRateDraft, frozen=True):
    """A rate of a file, which can name its last day."""

    ends_on: date | None = None

    @model_validator(mode="after")
    def ensure_days(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise InvalidInput("The last day is before the first one.", field=["until"])
        return self


@dataclass(frozen=True)
class RateLoad:
    """The rates that were added, and known ones that differ from the file. The others are known."""

    added: Sequence[TaxRate]
    different: Sequence[TaxRate]


async def load_tax_rates(
    session: AsyncSession, entries: Sequence[RateEntry], *, dry_run: bool
) -> RateLoad:
    """Add the rates that begin on a day on which none of the same goods and place does.

    The rate before an added one ends, also one of a past day: orders keep their taxes. With
    `dry_run` nothing is stored. Raises `InvalidInput` for an unknown region.
    """
    rows = select(TaxRate).where(col(TaxRate.country).in_({one.country for one in entries}))
    known: dict[RateKey, list[TaxRate]] = defaultdict(list)
    for row in await session.exec(for_change(rows.order_by(col(TaxRate.id)))):
        known[row.key].append(row)
    added, different = list[TaxRate](), list[TaxRate]()
    for entry in sorted(entries, key=lambda one: one.starts_on):
        rate = TaxRate(**entry.columns())
        same = [one for one in known[rate.key] if one.starts_on == rate.starts_on]
        if not same:
            insert_between(known[rate.key], rate)
            known[rate.key].append(rate)
            added.append(rate)
        different += [one for one in same if one.terms != rate.terms]
    if dry_run:
        session.expire_all()
        return RateLoad(added, different)
    await session.flush()  # the former ones end first, because each statement is checked
    session.add_all(added)
    audit.append_all(session, ANONYMOUS, AuditAct.SET_TAX_RATE, [one.id for one in added])
    return RateLoad(added, different)
