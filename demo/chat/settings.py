"""Seeds chat hours, auto-replies and canned replies."""

from collections.abc import Iterator
from typing import Any

from demo.dataset import Dataset, DemoVendor
from demo.rng import SeededRandom
from demo.toml_data import load
from models.chat.canned_replies import CannedReply
from models.chat.hours import ChatHours, WeeklyHours

REPLIES = load("chat_replies")
ALWAYS_OPEN_SHARE = 0.15
Days = tuple[int, ...]  # ISO weekdays, Monday is 1
WEEKS: tuple[dict[Days, tuple[tuple[str, str], ...]], ...] = (
    {(1, 2, 3, 4, 5, 6): (("10:00", "20:00"),), (7,): (("11:00", "17:00"),)},
    {(1, 2, 3, 4, 5): (("09:00", "13:00"), ("14:30", "18:30")), (6,): (("10:00", "14:00"),)},
    {(2, 3, 4, 5, 6, 7): (("12:00", "15:00"), ("17:30", "00:00"))},
)


def seed_chat_settings(rng: SeededRandom, dataset: Dataset) -> None:
    """Add settings for every vendor, in its language or in English."""
    for vendor in dataset.vendors:
        texts = REPLIES.get(vendor.row.locale, REPLIES["en"])
        always_open = rng.chance(ALWAYS_OPEN_SHARE)
        hours = WeeklyHours() if always_open else _random_hours(rng, texts["auto_reply"])
        canned = list(_canned_replies(rng, vendor, texts["canned"]))
        dataset.canned_replies += canned
        dataset.chat_hours.append(
            ChatHours(
                vendor_id=vendor.row.id,
                spans=[span.model_dump(mode="json") for span in hours.spans],
                auto_reply=hours.auto_reply,
                canned_replies=len(canned),
            )
        )


def _random_hours(rng: SeededRandom, auto_reply: str) -> WeeklyHours:
    week = rng.choice(WEEKS)
    spans: list[dict[str, Any]] = [
        {"weekday": day, "opens": opens, "closes": closes}
        for days, hours in week.items()
        for day in days
        for opens, closes in hours
    ]
    return WeeklyHours.model_validate({"spans": spans, "auto_reply": auto_reply})


def _canned_replies(
    rng: SeededRandom, vendor: DemoVendor, texts: dict[str, str]
) -> Iterator[CannedReply]:
    at = vendor.row.created_at
    for title, text in texts.items():
        yield CannedReply(
            id=rng.uuid7_at(at), created_at=at, vendor_id=vendor.row.id, title=title, text=text
        )
