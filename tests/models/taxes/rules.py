"""The database constraints on rates and registrations, with SQL that violates each of them."""

from models.taxes.rates import TaxLevy
from tests.models.sql import change, copy, one_line

RATE, REGISTRATION = "tax_rate", "tax_registration"

RULES = [
    *one_line(RATE, "region"),
    *one_line(RATE, "source"),
    *one_line(REGISTRATION, "region"),
    ("tax_rate_country_check", change(RATE, "country = 'in'")),
    ("tax_rate_goods_check", change(RATE, "hsn_prefix = '2202'")),
    ("tax_rate_goods_check", change(RATE, "tax_class = NULL")),
    ("tax_rate_goods_check", change(RATE, "levy = 'TCS'")),
    ("tax_rate_levy_check", change(RATE, "tax_class = NULL, levy = 'TCS', region = 'Goa'")),
    ("tax_rate_levy_check", change(RATE, "tax_class = NULL, levy = 'TCS', cess_bps = 2")),
    (
        "tax_rate_during_excl",
        change(RATE, "tax_class = NULL, levy = 'TCS'") + "; " + copy(RATE, starts_on="2030-01-01"),
    ),
    ("tax_rate_hsn_prefix_check", change(RATE, "tax_class = NULL, hsn_prefix = '2'")),
    ("tax_rate_hsn_prefix_check", change(RATE, "tax_class = NULL, hsn_prefix = '22O2'")),
    ("tax_rate_tax_class_check", change(RATE, "tax_class = 'EXEMPT'")),
    ("tax_rate_tax_class_check", change(RATE, "tax_class = 'ZERO'")),
    ("tax_rate_bps_check", change(RATE, "bps = -2")),
    ("tax_rate_bps_check", change(RATE, "bps = 10002")),
    ("tax_rate_halves_check", change(RATE, "bps = 25")),
    ("tax_rate_cess_bps_check", change(RATE, "cess_bps = 30001")),
    ("tax_rate_cess_bps_check", change(RATE, "country = 'DE', cess_bps = 100")),
    ("tax_rate_ends_on_check", change(RATE, "ends_on = starts_on - 1")),
    # Both days of a rate count, so the next one begins a day later.
    ("tax_rate_during_excl", copy(RATE, starts_on="2030-01-01")),
    (
        "tax_rate_during_excl",
        change(RATE, "ends_on = '2025-09-21'")
        + "; "
        + copy(RATE, starts_on="2025-09-21", ends_on=None),
    ),
    (
        "tax_rate_during_excl",
        change(RATE, "region = 'Goa', tax_class = NULL, hsn_prefix = '2202'") + "; " + copy(RATE),
    ),
    ("tax_registration_country_check", change(REGISTRATION, "country = 'I'")),
    ("tax_registration_sellerkind_check", change(REGISTRATION, "kind = 'CASUAL'")),
    ("tax_registration_number_check", change(REGISTRATION, "kind = 'NONE'")),
    ("tax_registration_number_check", change(REGISTRATION, "number = NULL")),
    (
        "tax_registration_composition_check",
        change(REGISTRATION, "country = 'DE', kind = 'COMPOSITION'"),
    ),
    ("tax_registration_state_check", change(REGISTRATION, "region = NULL")),
    ("tax_registration_vendor_id_country_region_key", copy(REGISTRATION)),
    (
        "tax_registration_vendor_id_country_region_key",
        change(REGISTRATION, "country = 'DE', region = NULL") + "; " + copy(REGISTRATION),
    ),
]
PASSING = [
    change(RATE, "ends_on = '2025-09-21'")
    + "; "
    + copy(RATE, starts_on="2025-09-22", ends_on=None, bps=1_800),
    copy(RATE, region="Goa"),
    copy(RATE, tax_class="REDUCED"),
    *(copy(RATE, tax_class=None, levy=levy) for levy in TaxLevy),
    copy(RATE, tax_class=None, hsn_prefix="2202"),
    copy(RATE, tax_class=None, hsn_prefix="220210"),
    copy(RATE, country="DE", bps=775),
    copy(REGISTRATION, region="Goa"),
    copy(REGISTRATION, country="DE", region=None),
    change(REGISTRATION, "kind = 'COMPOSITION'"),
]
