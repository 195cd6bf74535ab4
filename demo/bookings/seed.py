"""Seeds a clinic, a salon and a yoga studio, in four time zones."""

from demo.bookings.clinic import seed_clinic
from demo.bookings.salon import seed_salon
from demo.bookings.yoga import seed_yoga
from demo.dataset import Dataset
from demo.rng import SeededRandom


def seed_bookings(rng: SeededRandom, dataset: Dataset) -> None:
    dataset.practices += [seed(rng, dataset) for seed in (seed_clinic, seed_salon, seed_yoga)]
