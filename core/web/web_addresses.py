"""Detects web addresses in names, which mail programs would turn into links."""

import re
import unicodedata

from core.countries.codes import COUNTRIES

# The generic domains in common use, and those that phishing uses most. A complete list would refuse
# names such as “Ravi.Kitchen”.
GENERIC_DOMAINS = (
    "academy|agency|app|art|biz|blog|buzz|cam|cfd|christmas|click|cloud|club|com|company|cyou|dev|"
    "digital|email|events|express|fit|fun|gov|group|help|host|icu|info|ink|int|jobs|life|link|"
    "live|lol|loan|market|media|mobi|mom|monster|name|net|network|news|ngo|ninja|one|online|"
    "org|page|pics|plus|press|pro|pub|quest|rest|review|rocks|sale|sbs|services|shop|site|skin|"
    "social|solutions|space|store|stream|studio|support|systems|team|tech|today|tokyo|top|tours|"
    "trade|travel|vip|website|wiki|win|work|works|world|xin|xyz|zip|zone"
)
COUNTRY_DOMAINS = "|".join((*sorted(COUNTRIES), "ac", "eu", "su", "uk")).lower()
# Domains of India, Russia, China and Korea in their own scripts. Escaped, as some look like Latin.
COUNTRY_DOMAINS += (
    "|\u092d\u093e\u0930\u0924|\u0440\u0444|\u4e2d\u56fd|\u4e2d\u570b|\ud55c\uad6d"  # IANA's list
)
DOTS = str.maketrans(dict.fromkeys("\u3002\uff61", "."))  # browsers treat them as dots (UTS #46)
LABEL = r"[^\s.,;:/()@]"  # not \w, which lacks the vowel signs of Indic scripts
# A generic domain needs a label of two characters, because B.Com is a degree. A country's needs
# four, or a path, because “Dr.De Souza” is a name.
ADDRESS = re.compile(
    rf"""
    [a-z][a-z0-9+.-]*:\s*//                    # a scheme
    | \b(?:mailto|javascript|tel|data):\S
    | {LABEL}@[^\s@]+\.{LABEL}                  # an e-mail address
    | \bwww\d?\.\w
    | \bxn--\w                                 # an encoded international label
    | \b\d{{1,3}}(?:\.\d{{1,3}}){{3}}[:/]
    | {LABEL}{{2}}\.(?:{GENERIC_DOMAINS})(?![\w-])
    | {LABEL}{{4}}\.(?:{COUNTRY_DOMAINS})(?![\w-])
    | {LABEL}\.(?:{GENERIC_DOMAINS}|{COUNTRY_DOMAINS})(?:[/?\#]\w|:\d)
    """,
    re.VERBOSE,
)


def contains_web_address(text: str) -> bool:
    """Return whether the text contains a link, a domain or an email address.

    Dots in abbreviations and in names such as St. John, Dr.Smith and Node.js are no domains.
    """
    plain = unicodedata.normalize("NFKC", text.translate(DOTS)).lower()
    return ADDRESS.search(plain) is not None
