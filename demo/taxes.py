"""Seeds the rates of taxes, and registrations of vendors."""

from string import ascii_uppercase, digits

from stdnum import luhn
from stdnum.iso7064 import mod_11_10

from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from demo.dataset import Dataset, DemoRegistration, DemoVendor
from demo.rng import SeededRandom
from demo.vendors.cafe import CAFE
from models.catalog.products import TaxClass
from models.pricing.tax_rules import INDIA, UNITED_STATES, SellerKind, gst_state
from models.taxes.rates import TaxRate, insert_between
from models.taxes.registrations import TaxRegistration, includes_tax
from models.vendors import VendorStatus
from services.taxes.rate_file import SHIPPED, read_tax_rates

SMALL_SHARE = 0.2  # of the vendors, which are below the threshold of their country


def seed_taxes(rng: SeededRandom, dataset: Dataset) -> None:
    _add_rates(rng, dataset)
    for vendor in dataset.vendors:
        small = rng.chance(SMALL_SHARE) and vendor.row.name != CAFE["name"]
        add_registration(rng, dataset, vendor, small=small)
    _choose_known_classes(dataset)


def seal_tax_numbers(dataset: Dataset, keys: SigningKeys) -> None:
    sealer = Sealer(keys)
    for row, number in dataset.registrations:
        row.seal_number(sealer, number)


def _add_rates(rng: SeededRandom, dataset: Dataset) -> None:
    for entry in read_tax_rates(SHIPPED):
        rate = TaxRate(id=rng.uuid7_at(dataset.now), created_at=dataset.now, **entry.columns())
        insert_between([one for one in dataset.tax_rates if one.key == rate.key], rate)
        dataset.tax_rates.append(rate)


def add_registration(
    rng: SeededRandom, dataset: Dataset, vendor: DemoVendor, *, small: bool = False
) -> None:
    """Register a vendor for the tax of its country, without a number if it is small.

    None is registered in the United States, where nothing is taxed then.
    """
    number = _random_number(rng, vendor)
    if vendor.row.status is VendorStatus.APPROVED and vendor.row.country != UNITED_STATES:
        _register(rng, dataset, vendor, None if small else number)


def _register(rng: SeededRandom, dataset: Dataset, vendor: DemoVendor, number: str | None) -> None:
    row = vendor.row
    registration = TaxRegistration(
        id=rng.uuid7_at(row.created_at),
        created_at=row.created_at,
        vendor_id=row.id,
        country=row.country,
        region=row.subdivision if row.country == INDIA else None,
        kind=SellerKind.REGULAR if number else SellerKind.NONE,
        prices_include_tax=includes_tax(row.country),
    )
    dataset.registrations.append(DemoRegistration(registration, number))


def _choose_known_classes(dataset: Dataset) -> None:
    """Let products have a class for which their country has a rate: most have only one."""
    known = {(one.country, one.tax_class) for one in dataset.tax_rates}
    for product in dataset.products:
        if (product.country, product.tax_class) not in known:
            product.tax_class = TaxClass.STANDARD


def _random_number(rng: SeededRandom, vendor: DemoVendor) -> str:
    """Return a number by the rules of the country: a GSTIN, a VAT number, or 12 digits."""
    letters = "".join(rng.choices(ascii_uppercase, k=5))
    number = str(rng.randint(10**7, 10**8 - 1))
    if vendor.row.country == INDIA:
        pan = f"{letters[:3]}F{letters[4]}{number[:4]}{letters[0]}"
        start = f"{gst_state(vendor.row.subdivision)}{pan}1Z"
        return start + luhn.calc_check_digit(start, digits + ascii_uppercase)
    if vendor.row.country == "DE":
        return number + mod_11_10.calc_check_digit(number)
    return f"{number}0001"
