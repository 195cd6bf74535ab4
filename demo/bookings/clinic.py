"""Seeds a veterinary clinic, with its bookings and the pets that they are for."""

from datetime import timedelta

from core.wall import wall
from demo.bookings.pets import add_pet, add_random_pet, note, share, vaccinate
from demo.bookings.practices import Practice
from demo.bookings.vendors import Week, add_booked_vendor
from demo.bookings.visits import VisitPlan, block, book, move
from demo.bookings.waits import add_wait
from demo.cities import HOME_CITY
from demo.dataset import Dataset
from demo.identity.accounts import CLINIC, CUSTOMER
from demo.identity.users import add_account, add_random_user
from demo.rng import SeededRandom
from demo.toml_data import load
from demo.vendors.vendors import add_member
from models.bookings.bookings import (
    PAY_HOURS,
    REQUEST_HOURS,
    Booking,
    BookingSource,
    BookingState,
    CancelledBy,
)
from models.bookings.setting_up.resources import ResourceKind
from models.bookings.setting_up.services import SlotAnchor, StaffChoice
from models.pets.pets import Pet
from models.questions import AnswerValue, QuestionKind
from models.vendors import MemberRole

HALF_DAYS = ((9 * 60, 13 * 60), (14 * 60, 18 * 60))
DAILY: Week = dict.fromkeys(range(1, 8), HALF_DAYS)
WEEKDAYS: Week = dict.fromkeys(range(1, 7), HALF_DAYS)
RAO, NAIR, LATHA = "Dr Meera Rao", "Dr Arjun Nair", "Latha Pillai"
ROOM, OTHER_ROOM, THEATRE = "Room 1", "Room 2", "Theatre"
GUEST, WALK_IN = "Vera Fernandes", "Imran Qureshi"
FASTS = AnswerValue(yes=True)
TRAINING_IN, LEAVE, SHORT_DAY = 9, 5, 2  # days, and working days of the staff
# Bookings of other customers: a service, its place with its working day, and the state.
S = BookingState
OTHERS = (
    ("check_up", RAO, ROOM, -6, "10:00", S.COMPLETED),
    ("check_up", RAO, ROOM, -4, "15:30", S.COMPLETED),
    ("nurse", LATHA, OTHER_ROOM, -3, "09:15", S.COMPLETED),
    ("check_up", NAIR, OTHER_ROOM, -2, "11:00", S.NO_SHOW),
    ("check_up", RAO, ROOM, -1, "10:00", S.COMPLETED),
    ("check_up", RAO, ROOM, -1, "16:00", S.COMPLETED),
    ("check_up", RAO, ROOM, 0, "09:30", S.CONFIRMED),
    ("check_up", RAO, ROOM, 0, "10:30", S.CONFIRMED),
    ("nurse", LATHA, OTHER_ROOM, 0, "12:00", S.CONFIRMED),
    ("check_up", RAO, ROOM, 0, "15:00", S.CONFIRMED),
    ("check_up", RAO, ROOM, 1, "09:30", S.CONFIRMED),
    ("check_up", RAO, ROOM, 1, "11:15", S.CONFIRMED),
    ("nurse", LATHA, OTHER_ROOM, 1, "09:00", S.CONFIRMED),
    ("check_up", NAIR, OTHER_ROOM, 1, "10:00", S.CONFIRMED),
    ("check_up", NAIR, OTHER_ROOM, 2, "11:30", S.CANCELLED),
    ("check_up", NAIR, OTHER_ROOM, 2, "12:00", S.CONFIRMED),
    ("check_up", RAO, ROOM, SHORT_DAY, "15:00", S.CONFIRMED),
    ("check_up", RAO, ROOM, 3, "10:00", S.CONFIRMED),
    ("surgery", NAIR, THEATRE, 9, "09:00", S.DECLINED),
)


def seed_clinic(rng: SeededRandom, dataset: Dataset) -> Practice:
    texts, owner = load("bookings")["clinic"], add_account(rng, dataset, CLINIC)
    vendor = add_booked_vendor(rng, dataset, texts, HOME_CITY.name, 2, owner, DAILY)
    vet = add_random_user(rng, dataset, HOME_CITY.country)
    add_member(rng, dataset, vendor, vet, MemberRole.STAFF)
    clinic = Practice(rng, dataset, vendor, texts)
    clinic.add_resource(RAO, DAILY, member_id=owner.id)
    clinic.add_resource(NAIR, WEEKDAYS, member_id=vet.id)
    clinic.add_resource(LATHA, DAILY)
    for name in (ROOM, OTHER_ROOM, THEATRE):
        clinic.add_resource(name, DAILY, ResourceKind.ROOM)
    clinic.close(texts["training"], TRAINING_IN)
    clinic.override(RAO, clinic.work_day(RAO, SHORT_DAY), HALF_DAYS[1])
    leave = VisitPlan(NAIR, clinic.work_day(NAIR, LEAVE), "09:00")
    block(clinic, leave, 9 * 60, texts["leave"])
    clinic.remind(48 * 60, 3 * 60)
    _offer(clinic)
    _fill(clinic)
    _wait(clinic)
    _visit(clinic)
    _walk_in(clinic)
    return clinic


def _offer(clinic: Practice) -> None:
    visits = clinic.add_policy("Visits", [(24, 10_000), (2, 5_000)], reschedule_minutes=120)
    treatments = clinic.add_policy(
        "Treatments", [(7 * 24, 10_000), (24, 5_000)], reschedules=2, reschedule_minutes=24 * 60
    )
    clinic.prices["check_up", RAO] = 900_00
    clinic.add_service(
        "check_up",
        30,
        700,
        [RAO, NAIR, ROOM, OTHER_ROOM],
        buffer_after=5,
        pay_at_desk=True,
        needs_pet=True,
        species=["cat", "dog", "rabbit"],
        staff_choice=StaffChoice.ASK,
        policy_id=visits.id,
    )
    clinic.add_service(
        "nurse",
        15,
        450,
        [LATHA, ROOM, OTHER_ROOM],
        pay_at_desk=True,
        needs_pet=True,
        policy_id=visits.id,
    )
    clinic.add_service(
        "dental",
        60,
        4_500,
        [RAO, NAIR, THEATRE],
        buffer_before=10,
        buffer_after=20,
        notice=24 * 60,
        deposit=1_000_00,
        needs_pet=True,
        species=["cat", "dog"],
        policy_id=treatments.id,
    )
    clinic.add_service(
        "surgery",
        120,
        12_000,
        [NAIR, THEATRE],
        step=60,
        anchor=SlotAnchor.CLOCK,
        notice=24 * 60,
        deposit=3_000_00,
        needs_pet=True,
        needs_approval=True,
        policy_id=treatments.id,
    )
    clinic.ask("worry", "check_up", QuestionKind.TEXT)
    clinic.ask("fasting", "surgery", QuestionKind.YES_NO, required=True)


def _fill(clinic: Practice) -> None:
    """Add bookings of other customers, each with a pet."""
    neighbours = clinic.dataset.customers[HOME_CITY.name]
    for user, (name, staff, room, days, clock, state) in zip(neighbours, OTHERS, strict=False):
        pet = add_random_pet(clinic, user)
        place = VisitPlan(staff, clinic.work_day(staff, days), clock, [room])
        by = CancelledBy.VENDOR if state is S.CANCELLED else None
        booking = book(clinic, name, place, user, state, pet, cancelled_by=by)
        if name == "surgery":
            clinic.answer("fasting", booking, FASTS)


def _wait(clinic: Practice) -> None:
    """Let a neighbour who was here wait for a vet, on a morning on which she does not work."""
    user = clinic.dataset.customers[HOME_CITY.name][0]
    pet, vet = add_random_pet(clinic, user), clinic.resources[RAO]
    place = VisitPlan(RAO, clinic.work_day(RAO, SHORT_DAY), "09:00")
    morning = {"day_until": HALF_DAYS[0][1], "staff_id": vet.id, "pet_id": pet.id}
    add_wait(clinic, "check_up", place, user, hours=30, **morning)


def _walk_in(clinic: Practice) -> None:
    """Let a guest come without an appointment, who sits in the waiting room now."""
    there = wall(clinic.dataset.now, clinic.resources[NAIR].time_zone)
    came = clinic.dataset.now - timedelta(minutes=2)
    place = VisitPlan(NAIR, there.date(), f"{there:%H:%M}", [THEATRE])
    visit = book(
        clinic,
        "check_up",
        place,
        None,
        source=BookingSource.DESK,
        note=clinic.texts["notes"]["thread"],
        created_at=came,
        confirmed_at=came,
        arrived_at=came,
    )
    clinic.guests.append((visit, WALK_IN))


def _visit(clinic: Practice) -> None:
    """Add bookings of the demo customer, whose dog and cat have records, and one by phone."""
    customer, dataset = clinic.dataset.user_of(CUSTOMER), clinic.dataset
    dog, cat = _add_pets(clinic)
    book(clinic, "check_up", _place(clinic, RAO, ROOM, -20, "10:30"), customer, S.COMPLETED, dog)
    book(
        clinic,
        "nurse",
        _place(clinic, LATHA, ROOM, -8, "12:00"),
        customer,
        S.CANCELLED,
        cat,
        cancelled_by=CancelledBy.CUSTOMER,
    )
    place = _place(clinic, RAO, ROOM, 3, "16:00")
    moved = book(
        clinic, "check_up", place, customer, S.CONFIRMED, dog, note=clinic.texts["notes"]["limp"]
    )
    move(clinic, moved, customer, moved.starts_at - timedelta(hours=1))
    book(clinic, "nurse", _place(clinic, LATHA, OTHER_ROOM, 4, "10:00"), customer, S.CONFIRMED, cat)
    clinic.answer("worry", moved, AnswerValue(text=clinic.texts["notes"]["teeth"]))
    for surgery in (_request(clinic, dog), _approve(clinic, cat)):
        clinic.answer("fasting", surgery, FASTS)
    guest = book(
        clinic,
        "check_up",
        _place(clinic, RAO, ROOM, 4, "09:00"),
        None,
        source=BookingSource.DESK,
        created_at=dataset.now - timedelta(hours=4),
    )
    clinic.guests.append((guest, GUEST))


def _add_pets(clinic: Practice) -> tuple[Pet, Pet]:
    customer, today = clinic.dataset.user_of(CUSTOMER), clinic.today()
    born = today - timedelta(days=4 * 365), today - timedelta(days=900)
    dog = add_pet(
        clinic, customer, "Biscuit", "dog", breed="Indie", born_on=born[0], weight_g=18_400
    )
    cat = add_pet(clinic, customer, "Mochi", "cat", born_on=born[1], weight_g=4_100)
    add_pet(
        clinic, customer, "Goldie", "goldfish", archived_at=clinic.dataset.now - timedelta(days=30)
    )
    vaccinate(clinic, dog, "Rabies", 355, due=10)
    vaccinate(clinic, dog, "DHPP", 120, due=245)
    vaccinate(clinic, cat, "FVRCP", 40, due=325)
    share(clinic, dog, 20)
    owner_id, notes = clinic.vendor.member_ids[0], clinic.texts["notes"]
    note(clinic, dog, notes["shy"], owner_id, 20)
    note(clinic, dog, notes["recheck"], owner_id, 19)
    return dog, cat


def _request(clinic: Practice, dog: Pet) -> Booking:
    """Ask for a surgery, which the clinic has not answered yet."""
    asked = clinic.dataset.now - timedelta(hours=2)
    until = asked + timedelta(hours=REQUEST_HOURS)
    return book(
        clinic,
        "surgery",
        _place(clinic, NAIR, THEATRE, 7, "09:00"),
        clinic.dataset.user_of(CUSTOMER),
        S.REQUESTED,
        dog,
        created_at=asked,
        expires_at=until,
        hard_until=until,
    )


def _approve(clinic: Practice, cat: Pet) -> Booking:
    """Ask for a surgery that the clinic approved, and whose deposit can be paid until tomorrow."""
    approved = clinic.dataset.now - timedelta(hours=1)
    until = approved + timedelta(hours=PAY_HOURS)
    return book(
        clinic,
        "surgery",
        _place(clinic, NAIR, THEATRE, 10, "14:00"),
        clinic.dataset.user_of(CUSTOMER),
        S.HELD,
        cat,
        created_at=approved - timedelta(hours=4),
        approved_at=approved,
        expires_at=until,
        hard_until=until,
    )


def _place(clinic: Practice, staff: str, room: str, days: int, clock: str) -> VisitPlan:
    return VisitPlan(staff, clinic.work_day(staff, days), clock, [room])
