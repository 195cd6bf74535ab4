"""Each kind of notification is declared once, by its domain."""

from engine.types import Rows
from models.notifications.inbox import NotificationKind
from services.notifications.kinds import declared_kinds


def test_every_kind_is_declared() -> None:
    missing = set(NotificationKind) - declared_kinds().keys()
    assert missing == set(), "declare them in `KINDS` of services/<domain>/notifications.py"


def test_every_kind_is_about_an_object_that_apps_can_open(haat: object) -> None:
    assert haat, "the schema registers the nodes"
    unknown = {one.kind for one in declared_kinds().values() if one.subject not in Rows.nodes}
    assert unknown == set(), "their `subject` is not a Node of the schema"
