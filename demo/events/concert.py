"""Seeds a concert of the café whose sale has a queue, which is open."""

import hashlib
from datetime import timedelta

from demo.cities import HOME_CITY
from demo.dataset import Dataset, DemoVendor
from demo.events.box_office import sell_some
from demo.events.programme import Programme, add_event
from demo.identity.accounts import OWNER
from demo.rng import SeededRandom
from models.events.selling.sale_queue import (
    SEED_BYTES,
    QueueEntryState,
    SaleQueue,
    SaleQueueEntry,
    SaleQueueState,
    draw_key,
)

DAY, MINUTES = 33, 120
MATS, SOLD = 60, 22
DRAWN, PER_MINUTE = 25, 30


def seed_concert(rng: SeededRandom, dataset: Dataset, cafe: DemoVendor) -> Programme:
    concert = add_event(rng, dataset, cafe, "concert", "leisure/", max_per_user=4)
    concert.add_type("mat", 400)
    day = concert.add_date(DAY, "20:00", MINUTES)
    day.add_quota("Floor", MATS, ["mat"])
    sell_some(rng, day, "mat", SOLD, dataset.user_of(OWNER))
    _open_queue(rng, dataset, concert)
    return concert


def _open_queue(rng: SeededRandom, dataset: Dataset, concert: Programme) -> None:
    """Add a queue after its draw. All who were drawn have had their turn."""
    created, opened = dataset.now - timedelta(days=4), dataset.now - timedelta(days=3)
    seed = rng.randbytes(SEED_BYTES)
    queue = SaleQueue(
        id=rng.uuid7_at(created),
        created_at=created,
        event_id=concert.row.id,
        state=SaleQueueState.OPEN,
        prequeue_at=created,
        opens_at=opened,
        seed=seed,
        seed_hash=hashlib.sha256(seed).digest(),
        per_minute=PER_MINUTE,
        pace=PER_MINUTE,
        serving=DRAWN,
    )
    queue.draw(DRAWN, opened)
    users = rng.sample(dataset.customers[HOME_CITY.name], DRAWN)
    users.sort(key=lambda user: draw_key(seed, user.id))
    entries = [
        SaleQueueEntry(
            queue_id=queue.id,
            user_id=user.id,
            number=number,
            state=QueueEntryState.DONE,
            joined_at=opened - timedelta(minutes=DRAWN - number),
            admitted_at=opened + timedelta(minutes=number),
            seen_at=opened + timedelta(minutes=number),
        )
        for number, user in enumerate(users, start=1)
    ]
    dataset.event_rows += [queue, *entries]
