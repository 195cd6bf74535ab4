"""Seeds a play of the café in a hall with seats: a past day, and two that are on sale."""

from demo.dataset import Dataset, DemoVendor
from demo.events.box_office import sell
from demo.events.doors import DemoDoor, Gates
from demo.events.hall import BALCONY, FRONT, STALLS, add_hall
from demo.events.programme import DemoDate, Programme, add_event
from demo.events.questions import add_question
from demo.identity.accounts import OWNER
from demo.rng import SeededRandom
from models.events.check_in.scanners import Scanner
from models.events.events import ResalePolicy
from models.questions import QuestionKind
from services.events.charts.layout import PlacedSeat

PRICES = {"front": (FRONT, 900), "stalls": (STALLS, 600), "balcony": (BALCONY, 350)}
MINUTES = 110
SHARES = {-9: 0.8, 6: 0.5, 20: 0.15}  # of the seats that are sold, by the day
GATES: Gates = {"Main door": 0.7, "Staircase": 0.3}


def seed_theatre(
    rng: SeededRandom, dataset: Dataset, cafe: DemoVendor, scanner: Scanner
) -> Programme:
    play = add_event(
        rng,
        dataset,
        cafe,
        "play",
        "leisure/",
        max_per_user=6,
        refund_hours=48,
        refund_bps=8_000,
        resale=ResalePolicy.FACE_VALUE,
    )
    assert play.venue  # noqa: S101 - its texts name one
    hall = add_hall(rng, dataset, play.venue)
    for name, (category, price) in PRICES.items():
        play.add_type(name, price, category_ids=hall.categories(category))
    add_question(play, "captions", QuestionKind.YES_NO)
    for days, share in SHARES.items():
        day = play.add_date(days, "19:30", MINUTES, chart_id=hall.chart.id)
        for name, (category, _) in PRICES.items():
            _sell_seats(rng, day, name, hall.blocks(category), share)
        door = DemoDoor(rng, day, "Hall", GATES)
        if days < 0:
            door.let_in(scanner, dataset.user_of(OWNER))
    return play


def _sell_seats(
    rng: SeededRandom, day: DemoDate, name: str, rows: list[list[PlacedSeat]], share: float
) -> None:
    """Sell this share of the seats of each row in pairs, so that no single one is left."""
    seller = day.programme.dataset.user_of(OWNER)
    for row in rows:
        sold = 2 * round(len(row) // 2 * share)
        for first in range(0, sold, 2):
            pair, at = row[first : first + 2], rng.between(*day.sale)
            sell(rng, day, name, len(pair), at, seller, seats=pair)
        day.free.setdefault(name, []).append(row[sold:])
