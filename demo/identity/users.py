"""Seeds the demo accounts and customers."""

from datetime import timedelta

from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.text.search_text import folded, searchable
from demo.cities import CITIES, HOME_CITY, City
from demo.dataset import Dataset
from demo.identity.accounts import ADMIN, SECOND_ADMIN, DemoAccount
from demo.rng import SeededRandom
from demo.toml_data import load
from models.identity.accounts import Role, User
from models.members import MemberInvitation
from services.identity.addresses.sealed_addresses import seal_email

CUSTOMER_COUNT = 400
HOME_CITY_WEIGHT = 4  # the home city has this many times the customers of any other city
NAMES = load("names")


def seed_users(rng: SeededRandom, dataset: Dataset) -> None:
    add_account(rng, dataset, ADMIN)
    weights = [HOME_CITY_WEIGHT if city is HOME_CITY else 1 for city in CITIES]
    homes: list[City] = rng.choices(CITIES, weights, k=CUSTOMER_COUNT)
    for city in homes:
        customer = add_random_user(rng, dataset, city.country)
        dataset.customers.setdefault(city.name, []).append(customer)


def add_account(rng: SeededRandom, dataset: Dataset, account: DemoAccount) -> User:
    role = Role.ADMIN if account in {ADMIN, SECOND_ADMIN} else Role.USER
    return _add_user(rng, dataset, account.email, account.name, role)


def add_random_user(rng: SeededRandom, dataset: Dataset, country: str) -> User:
    given, family = rng.choice(NAMES[country]["given"]), rng.choice(NAMES[country]["family"])
    email = f"{folded(given)}.{folded(family)}.{len(dataset.users)}@mail.example"
    return _add_user(rng, dataset, email, f"{given} {family}", Role.USER)


def _add_user(rng: SeededRandom, dataset: Dataset, email: str, name: str, role: Role) -> User:
    created = dataset.now - timedelta(days=rng.uniform(50, 400))
    user = User(
        id=rng.uuid7_at(created),
        created_at=created,
        name=name,
        password_hash=dataset.password_hash,
        role=role,
        search_text=searchable(name),
    )
    dataset.users.append(user)
    dataset.emails[user.id] = email
    return user


def seal_emails(dataset: Dataset, keys: SigningKeys) -> None:
    sealer = Sealer(keys)
    rows: list[User | MemberInvitation] = [*dataset.users, *dataset.invitations]
    for row in rows:
        seal_email(sealer, row, dataset.emails[row.id])
