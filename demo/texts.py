"""What an offer says of itself, in both languages of its vendor."""

from demo.chance import Chance
from demo.phrases import capitalized
from demo.rows import Shop
from demo.trades import Ware
from demo.words_offers import PHRASES
from models.offers.drafts import Discount

SYMBOLS = {"INR": "₹", "NGN": "₦", "USD": "$", "EUR": "€"}
Texts = dict[str, str]


def draw_texts(
    chance: Chance, shop: Shop, ware: Ware, discount: Discount
) -> tuple[Texts, Texts, Texts]:
    """Title, description and terms. The same things are said in every language."""
    shape = PHRASES[shop.locales[0]]
    moment = chance.randrange(len(shape.moments)) if chance.happens(0.45) else None
    opening, use = chance.randrange(len(shape.openings)), chance.randrange(len(shape.uses))
    term = chance.randrange(len(shape.terms))
    titles, descriptions, terms = {}, {}, {}
    for locale in shop.locales:
        phrases = PHRASES[locale]
        title = _title(shop, locale, ware, discount)
        when = f" ({phrases.moments[moment]})" if moment is not None else ""
        titles[locale] = capitalized(title) + when
        said = phrases.openings[opening].format(
            ware=ware[locale],
            vendor=shop.vendor.name,
            area=shop.area.name,
            city=shop.city.name_in(locale),
        )
        descriptions[locale] = f"{capitalized(said)} {phrases.uses[use]}"
        terms[locale] = phrases.terms[term]
    return titles, descriptions, terms


def _title(shop: Shop, locale: str, ware: Ware, discount: Discount) -> str:
    phrases = PHRASES[locale]
    if discount.percent is not None:
        return phrases.percent.format(percent=discount.percent, ware=ware[locale])
    if discount.amount_minor is not None:
        money = _money(discount.amount_minor, shop.vendor.currency, locale)
        return phrases.amount.format(money=money, ware=ware[locale])
    if discount.free_item is not None:
        return phrases.free_item.format(gift=discount.free_item[locale], ware=ware[locale])
    return phrases.buy_get.format(buy=discount.buy, get=discount.get, ware=ware[locale])


def _money(amount_minor: int, currency: str, locale: str) -> str:
    whole = f"{amount_minor // 100:,}"
    if locale == "de":
        return f"{whole.replace(',', '.')} {SYMBOLS[currency]}"
    return f"{SYMBOLS[currency]}{whole}"
