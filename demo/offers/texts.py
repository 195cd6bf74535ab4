"""Generates the texts of offers in both languages of the vendor."""

from demo.dataset import DemoVendor
from demo.offers.phrases import PHRASES, capitalize_first
from demo.rng import SeededRandom
from demo.vendors.business_types import Product
from models.offers.drafts import DiscountDraft

CURRENCY_SYMBOLS = {"INR": "₹", "NGN": "₦", "USD": "$", "EUR": "€"}
MOMENT_SHARE = 0.45  # of the titles that name a time or a group of customers
Localized = dict[str, str]
OfferTexts = tuple[Localized, Localized, Localized]  # title, description, terms


def random_texts(
    rng: SeededRandom, vendor: DemoVendor, product: Product, discount: DiscountDraft
) -> OfferTexts:
    counts = PHRASES[vendor.locales[0]]
    moment = rng.randrange(len(counts.moments)) if rng.chance(MOMENT_SHARE) else None
    opening, use = rng.randrange(len(counts.openings)), rng.randrange(len(counts.uses))
    term = rng.randrange(len(counts.terms))
    titles, descriptions, terms = {}, {}, {}
    for locale in vendor.locales:
        phrases = PHRASES[locale]
        title = _title(vendor, locale, product, discount)
        suffix = f" ({phrases.moments[moment]})" if moment is not None else ""
        titles[locale] = capitalize_first(title) + suffix
        first_sentence = phrases.openings[opening].format(
            product=product[locale],
            vendor=vendor.row.name,
            area=vendor.area.name,
            city=vendor.city.name_in(locale),
        )
        descriptions[locale] = f"{capitalize_first(first_sentence)} {phrases.uses[use]}"
        terms[locale] = phrases.terms[term]
    return titles, descriptions, terms


def _title(vendor: DemoVendor, locale: str, product: Product, discount: DiscountDraft) -> str:
    phrases, name = PHRASES[locale], product[locale]
    if discount.percent is not None:
        return phrases.percent.format(percent=discount.percent, product=name)
    if discount.amount_minor is not None:
        money = _format_money(discount.amount_minor, vendor.row.currency, locale)
        return phrases.amount.format(money=money, product=name)
    if discount.free_item is not None:
        return phrases.free_item.format(gift=discount.free_item[locale], product=name)
    return phrases.buy_get.format(buy=discount.buy, get=discount.get, product=name)


def _format_money(amount_minor: int, currency: str, locale: str) -> str:
    whole = f"{amount_minor // 100:,}"
    if locale == "de":
        return f"{whole.replace(',', '.')} {CURRENCY_SYMBOLS[currency]}"
    return f"{CURRENCY_SYMBOLS[currency]}{whole}"
