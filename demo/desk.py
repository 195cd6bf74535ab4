"""Hours, auto-replies and canned replies of the vendors."""

from collections.abc import Iterator

from demo.chance import Chance
from demo.rows import Shop, Town
from demo.words_desk import DESKS, DeskWords
from models.chat.desk import CannedReply, ChatHours, Hours

ALWAYS_THERE = 0.15
Days = tuple[int, ...]
WEEKS: tuple[dict[Days, tuple[tuple[str, str], ...]], ...] = (
    {(1, 2, 3, 4, 5, 6): (("10:00", "20:00"),), (7,): (("11:00", "17:00"),)},
    {(1, 2, 3, 4, 5): (("09:00", "13:00"), ("14:30", "18:30")), (6,): (("10:00", "14:00"),)},
    {(2, 3, 4, 5, 6, 7): (("12:00", "15:00"), ("17:30", "00:00"))},
)


def draw_desks(chance: Chance, town: Town) -> None:
    """For every vendor, the owner's too, in its own language where there are words in it."""
    for shop in town.shops:
        words = DESKS.get(shop.vendor.locale, DESKS["en"])
        always = chance.happens(ALWAYS_THERE)
        hours = Hours() if always else _draw_hours(chance, words)
        canned = list(_draw_canned(chance, shop, words))
        town.canned_replies += canned
        town.desks.append(
            ChatHours(
                vendor_id=shop.vendor.id,
                spans=[span.model_dump(mode="json") for span in hours.spans],
                auto_reply=hours.auto_reply,
                canned_replies=len(canned),
            )
        )


def _draw_hours(chance: Chance, words: DeskWords) -> Hours:
    week = chance.choice(WEEKS)
    spans = [
        {"weekday": day, "opens": opens, "closes": closes}
        for days, hours in week.items()
        for day in days
        for opens, closes in hours
    ]
    return Hours.model_validate({"spans": spans, "auto_reply": words.auto_reply})


def _draw_canned(chance: Chance, shop: Shop, words: DeskWords) -> Iterator[CannedReply]:
    for title, text in words.canned.items():
        at = shop.vendor.created_at
        yield CannedReply(
            id=chance.id_at(at), created_at=at, vendor_id=shop.vendor.id, title=title, text=text
        )
