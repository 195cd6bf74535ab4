"""Seeds a hair salon in Berlin."""

from demo.bookings.practices import Practice
from demo.bookings.vendors import Week, add_booked_vendor
from demo.bookings.visits import VisitPlan, book
from demo.dataset import Dataset
from demo.identity.users import add_random_user
from demo.rng import SeededRandom
from demo.toml_data import load
from models.bookings.bookings import BookingState
from models.bookings.setting_up.resources import ResourceKind
from models.bookings.setting_up.services import StaffChoice

CITY = "Berlin"
TUESDAY_TO_SATURDAY: Week = {day: [(10 * 60, 19 * 60)] for day in range(2, 7)}
JULE, MIRKO, CHAIRS = "Jule", "Mirko", "Chairs"
HOLIDAY_IN, HOLIDAY_DAYS = 30, 7
S = BookingState
BOOKED = (
    ("cut", JULE, -3, "10:00", S.COMPLETED),
    ("colour", MIRKO, -2, "14:00", S.COMPLETED),
    ("cut", JULE, -1, "12:00", S.NO_SHOW),
    ("cut", JULE, 1, "10:00", S.CONFIRMED),
    ("cut", JULE, 1, "11:30", S.CONFIRMED),
    ("cut", MIRKO, 1, "15:00", S.CONFIRMED),
    ("colour", MIRKO, 2, "14:00", S.CONFIRMED),
    ("cut", JULE, 4, "17:00", S.CONFIRMED),
)


def seed_salon(rng: SeededRandom, dataset: Dataset) -> Practice:
    texts, owner = load("bookings")["salon"], add_random_user(rng, dataset, "DE")
    vendor = add_booked_vendor(rng, dataset, texts, CITY, 0, owner, TUESDAY_TO_SATURDAY)
    salon = Practice(rng, dataset, vendor, texts)
    salon.add_resource(JULE, TUESDAY_TO_SATURDAY, member_id=owner.id)
    salon.add_resource(MIRKO, TUESDAY_TO_SATURDAY, weight=60)
    salon.add_resource(CHAIRS, TUESDAY_TO_SATURDAY, ResourceKind.EQUIPMENT, lanes=3)
    salon.close(texts["closed"], HOLIDAY_IN, HOLIDAY_DAYS)
    salon.remind(24 * 60)
    terms = salon.add_policy("Termine", [(24, 10_000)], reschedule_minutes=240, no_show_bps=5_000)
    salon.prices["cut", JULE] = 56_00
    chosen = {"staff_choice": StaffChoice.ASK, "policy_id": terms.id, "pay_at_desk": True}
    salon.add_service("cut", 45, 48, [JULE, MIRKO, CHAIRS], step=15, **chosen)
    salon.add_service("colour", 120, 110, [MIRKO, CHAIRS], step=30, buffer_after=15, **chosen)
    customers = dataset.customers[CITY]
    for number, (name, staff, days, clock, state) in enumerate(BOOKED):
        place = VisitPlan(staff, salon.work_day(staff, days), clock, [CHAIRS])
        book(salon, name, place, customers[number % len(customers)], state)
    return salon
