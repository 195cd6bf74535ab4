"""The content of docs/permissions.md: which role may do what at a vendor."""

from typing import Any

from models.members import GRANTS, INVITATION_DAYS, MAX_OPEN_INVITATIONS, Permission
from models.quotas import QUOTAS, DailyAct


def context() -> dict[str, Any]:
    return {
        "grants": grants(),
        "open": MAX_OPEN_INVITATIONS,
        "days": INVITATION_DAYS,
        "daily": QUOTAS[DailyAct.INVITATION].per_day,
    }


def grants() -> list[tuple[str, ...]]:
    """Return a row per permission and a column per role."""
    heading = ("Permission", "Members may", *(f"`{role}`" for role in GRANTS))
    rows = [
        (f"`{one}`", one.meaning, *("yes" if one in held else "" for held in GRANTS.values()))
        for one in Permission
    ]
    return [heading, *rows]
