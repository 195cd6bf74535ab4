"""The people of the town, and the three whom everybody may sign in as."""

from datetime import timedelta

from core.text import searchable
from demo.accounts import ACCOUNTS, Account
from demo.chance import Chance
from demo.places import CITIES, City
from demo.rows import Town
from demo.words_people import FAMILY, GIVEN
from models.identity.accounts import Role, User

ADMIN, OWNER, CUSTOMER = ACCOUNTS
CUSTOMERS = 400
HOME_TOWN = 4  # the first city has so many times the customers of another


def draw_account(chance: Chance, town: Town, account: Account) -> User:
    role = Role.ADMIN if account is ADMIN else Role.USER
    return _add_user(chance, town, account.email, account.name, role)


def draw_person(chance: Chance, town: Town, country: str) -> User:
    """Somebody with a name of the country and an address that nobody else has."""
    given, family = chance.choice(GIVEN[country].split()), chance.choice(FAMILY[country].split())
    email = f"{searchable(given)}.{searchable(family)}.{len(town.users)}@mail.example"
    return _add_user(chance, town, email, f"{given} {family}", Role.USER)


def draw_people(chance: Chance, town: Town) -> None:
    """The admin, and the customers of each city. Who works at a vendor comes with it."""
    draw_account(chance, town, ADMIN)
    weights = [HOME_TOWN if city is CITIES[0] else 1 for city in CITIES]
    homes: list[City] = chance.choices(CITIES, weights, k=CUSTOMERS)
    for city in homes:
        person = draw_person(chance, town, city.country)
        town.customers.setdefault(city.name, []).append(person)


def _add_user(chance: Chance, town: Town, email: str, name: str, role: Role) -> User:
    created = town.now - timedelta(days=chance.uniform(50, 400))
    user = User(
        id=chance.id_at(created),
        created_at=created,
        email=email,
        name=name,
        password_hash=town.password_hash,
        role=role,
    )
    town.users.append(user)
    return user
