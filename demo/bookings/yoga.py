"""Seeds a yoga studio in New York, with classes, of which one has a teacher in Los Angeles."""

from collections.abc import Sequence

from demo.bookings.practices import Practice
from demo.bookings.vendors import Week, add_booked_vendor
from demo.bookings.visits import VisitPlan, book, meet
from demo.bookings.waits import add_wait
from demo.dataset import Dataset
from demo.identity.accounts import CUSTOMER
from demo.identity.users import add_random_user
from demo.rng import SeededRandom
from demo.toml_data import load
from models.bookings.setting_up.resources import ResourceKind
from models.bookings.setting_up.services import StaffChoice
from models.identity.accounts import User

CITY, WEST = "New York", "America/Los_Angeles"
MORNINGS: Week = {day: [(7 * 60, 12 * 60)] for day in range(1, 8)}
AFTERNOONS: Week = {day: [(13 * 60, 19 * 60)] for day in range(1, 8)}
EVENINGS: Week = {day: [(17 * 60, 20 * 60)] for day in range(1, 8)}
OPEN: Week = {day: [(7 * 60, 21 * 60)] for day in range(1, 8)}
NORA, LUZ, INES, FLOOR = "Nora", "Luz", "Ines", "Parlor floor"
MATS, ONLINE = 8, 20
FULL = 1  # the day of the class whose mats are all taken
FLOWS = {-4: 6, -2: 7, FULL: MATS, 3: 3}  # users by day
WAITING = 3


def seed_yoga(rng: SeededRandom, dataset: Dataset) -> Practice:
    texts, owner = load("bookings")["yoga"], add_random_user(rng, dataset, "US")
    vendor = add_booked_vendor(rng, dataset, texts, CITY, 0, owner, OPEN)
    yoga = Practice(rng, dataset, vendor, texts)
    yoga.add_resource(NORA, MORNINGS, member_id=owner.id)
    yoga.add_resource(LUZ, AFTERNOONS)
    yoga.add_resource(INES, EVENINGS, time_zone=WEST)
    yoga.add_resource(FLOOR, OPEN, ResourceKind.ROOM)
    yoga.remind()
    terms = yoga.add_policy("Classes", [(12, 10_000)], reschedules=5).id
    flow = {"seats": MATS, "step": 30, "horizon": 30, "policy_id": terms, "pay_at_desk": True}
    yoga.add_service("flow", 60, 22, [NORA, FLOOR], **flow)
    yoga.add_service("online", 45, 0, [INES], seats=ONLINE, step=60, horizon=30)
    private = {"staff_choice": StaffChoice.ASK, "pay_at_desk": True}
    yoga.add_service("private", 60, 90, [NORA, LUZ, FLOOR], policy_id=terms, **private)
    _fill(yoga, dataset.customers[CITY])
    return yoga


def _fill(yoga: Practice, users: Sequence[User]) -> None:
    for days, count in FLOWS.items():
        place = VisitPlan(NORA, yoga.work_day(NORA, days), "09:00", [FLOOR])
        meet(yoga, "flow", place, users[:count])
        if days == FULL:
            for number, user in enumerate(users[count : count + WAITING]):
                add_wait(yoga, "flow", place, user, hours=20 - 3 * number)
    customer = yoga.dataset.user_of(CUSTOMER)
    for days in (-5, 2):
        place = VisitPlan(INES, yoga.work_day(INES, days), "18:00")
        meet(yoga, "online", place, [customer, *users[:4]])
    book(yoga, "private", VisitPlan(LUZ, yoga.work_day(LUZ, 2), "15:00", [FLOOR]), users[0])
