"""Currencies of Stripe: their units, and the least and greatest amounts of a charge.

Sources: https://docs.stripe.com/currencies, sections “Zero-decimal currencies”, “Special cases” and
“Minimum and maximum charge amounts”.
"""

from decimal import Decimal

from payments_stand_in.stripe.refusals import invalid

CURRENCIES = frozenset({
    "aed", "afn", "all", "amd", "ang", "aoa", "ars", "aud", "awg", "azn", "bam", "bbd", "bdt",
    "bgn", "bhd", "bif", "bmd", "bnd", "bob", "brl", "bsd", "bwp", "byn", "bzd", "cad", "cdf",
    "chf", "clp", "cny", "cop", "crc", "cve", "czk", "djf", "dkk", "dop", "dzd", "egp", "etb",
    "eur", "fjd", "fkp", "gbp", "gel", "gip", "gmd", "gnf", "gtq", "gyd", "hkd", "hnl", "htg",
    "huf", "idr", "ils", "inr", "isk", "jmd", "jod", "jpy", "kes", "kgs", "khr", "kmf", "krw",
    "kwd", "kyd", "kzt", "lak", "lbp", "lkr", "lrd", "lsl", "mad", "mdl", "mga", "mkd", "mmk",
    "mnt", "mop", "mur", "mvr", "mwk", "mxn", "myr", "mzn", "nad", "ngn", "nio", "nok", "npr",
    "nzd", "omr", "pab", "pen", "pgk", "php", "pkr", "pln", "pyg", "qar", "ron", "rsd", "rub",
    "rwf", "sar", "sbd", "scr", "sek", "sgd", "shp", "sle", "sos", "srd", "std", "szl", "thb",
    "tjs", "tnd", "top", "try", "ttd", "twd", "tzs", "uah", "ugx", "usd", "uyu", "uzs", "vnd",
    "vuv", "wst", "xaf", "xcd", "xof", "xpf", "yer", "zar", "zmw",
})  # fmt: skip
ZERO_DECIMALS = frozenset({
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
    "xof", "xpf",
})  # fmt: skip
WHOLE = frozenset({"isk", "ugx"})  # two decimals in the API, which must be 00
WHOLE_PAYOUTS = WHOLE | {"huf", "twd"}
THREE_DECIMALS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})  # the last digit must be 0
LEAST = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200,
    "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
MOST = 99_999_999
MOST_OF = {"idr": 999_999_999_999, "inr": 999_999_999, "jpy": 9_999_999_999, "huf": 999_999_999}


def shown(amount: int, currency: str) -> str:
    """Return an amount as people read it."""
    code = currency.lower()
    decimals = 0 if code in ZERO_DECIMALS else 3 if code in THREE_DECIMALS else 2
    return f"{Decimal(amount).scaleb(-decimals):,.{decimals}f} {currency.upper()}"


def check_currency(currency: str) -> None:
    if currency not in CURRENCIES:
        raise invalid("currency", "currency_not_supported", f"Invalid currency: {currency}")


def check_charge(amount: int, currency: str) -> None:
    """Refuse an amount that Stripe does not charge."""
    check_currency(currency)
    if amount < 1:
        raise invalid("amount", "parameter_invalid_integer", "This value must be at least 1.")
    if amount < LEAST.get(currency, 1):
        least = f"{LEAST[currency]} {currency}"
        raise invalid("amount", "amount_too_small", f"Amount must be at least {least}.")
    if amount > MOST_OF.get(currency, MOST):
        raise invalid("amount", "amount_too_large", "Amount must be less than the maximum.")
    check_units(amount, currency, WHOLE)


def check_units(amount: int, currency: str, whole: frozenset[str]) -> None:
    """Refuse fractions of a unit that the currency does not have."""
    if currency in whole and amount % 100:
        code = "invalid_charge_amount_no_decimal_compatible"
        raise invalid("amount", code, f"{currency.upper()} amounts must be divisible by 100.")
    if currency in THREE_DECIMALS and amount % 10:
        text = f"{currency.upper()} amounts must be rounded to the nearest ten."
        raise invalid("amount", "parameter_invalid_integer", text)
