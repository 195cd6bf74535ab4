"""The content of docs/privacy.md: the class of each column, and what an erasure does."""

from typing import Any

import models.registry  # noqa: F401 - every table has a declaration
from models.personal_data import Declared, Erase, Personal, class_of, declared_tables
from models.privacy import BLOCKED_HOURS, DELETION_DAYS, EXPORT_HOURS
from models.quotas import QUOTAS, DailyAct
from models.sealed_columns import sealed_columns

ORDER = (Personal.PERSONAL, Personal.SECRET, Personal.ID)


def context() -> dict[str, Any]:
    declared = sorted(declared_tables(), key=lambda one: (one.domain, one.table.name))
    return {
        "classes": [("Class", "Meaning"), *((f"`{one}`", one.meaning) for one in Personal)],
        "policies": [("Policy", "Effect of an erasure"), *((f"`{e}`", e.meaning) for e in Erase)],
        "tables": [
            ("Domain", "Table", "Policy", *(f"`{kind}`" for kind in ORDER)),
            *map(_row, declared),
        ],
        "sealed": ", ".join(sorted(f"`{one.name}`" for one in sealed_columns())) + ".",
        "days": DELETION_DAYS,
        "hours": EXPORT_HOURS,
        "blocked": BLOCKED_HOURS,
        "daily": QUOTAS[DailyAct.EXPORT].per_day,
    }


def _row(declared: Declared) -> tuple[str, ...]:
    columns = {
        kind: ", ".join(
            f"`{one.name}`"
            for one in declared.table.columns
            if class_of(declared.privacy, one) is kind and one.name != "id"
        )
        for kind in ORDER
    }
    name, policy = f"`{declared.table.name}`", f"`{declared.privacy.erase}`"
    return (declared.domain, name, policy, *(columns[kind] for kind in ORDER))
