"""Seeds address books."""

from datetime import timedelta

from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from demo.cities import CITIES, City
from demo.dataset import Dataset, DemoAddress
from demo.identity.accounts import CUSTOMER
from demo.rng import SeededRandom
from demo.toml_data import load
from models.addresses import SavedAddress, SavedAddressDraft
from models.identity.accounts import User

STREETS = load("streets")
SHARE = 0.3  # of the customers who have saved an address
LABELS = ("Home", "Office")


def seed_addresses(rng: SeededRandom, dataset: Dataset) -> None:
    cities = {city.name: city for city in CITIES}
    for name, customers in dataset.customers.items():
        for customer in customers:
            has_address = rng.chance(SHARE)
            if dataset.emails[customer.id] == CUSTOMER.email:
                _add_book(rng, dataset, customer, cities[name], LABELS)
            elif has_address:
                _add_book(rng, dataset, customer, cities[name], LABELS[:1])


def seal_addresses(dataset: Dataset, keys: SigningKeys) -> None:
    sealer = Sealer(keys)
    for row, draft in dataset.addresses:
        row.seal_details(sealer, draft)


def _add_book(
    rng: SeededRandom, dataset: Dataset, user: User, city: City, labels: tuple[str, ...]
) -> None:
    """Add addresses of a user, of which the first is the default."""
    for number, label in enumerate(labels):
        area, street = rng.choice(city.areas), rng.choice(STREETS["streets"][city.country])
        saved = user.created_at + timedelta(days=number + 1)
        draft = SavedAddressDraft(
            label=label,
            country=city.country,
            recipient=user.name,
            street_lines=[street.format(number=rng.randint(1, 180))],
            city=city.name,
            subdivision=STREETS["subdivisions"].get(city.name),
            postal_code=area.pin_code,
            latitude=area.latitude,
            longitude=area.longitude,
        )
        row = SavedAddress(
            id=rng.uuid7_at(saved),
            created_at=saved,
            user_id=user.id,
            country=city.country,
            details=b"",
            is_default=number == 0,
        )
        dataset.addresses.append(DemoAddress(row, draft))
