"""Details for developers of clients about messages that are written for users.

It is `extensions.detail` of a top-level error, in English, and docs/errors.md lists it.
"""

from collections.abc import Mapping

RESUBSCRIBE = "The changes after `after` are gone. Refetch the state and subscribe from there."
DETAILS: Mapping[str, str] = {
    "Sign in to continue.": "Send an access token as `Authorization: Bearer …`.",
    "Your sign-in was not understood. Sign in again.": (
        "Send the token as `Authorization: Bearer …`. Other schemes are not accepted."
    ),
    "Your sign-in is not valid. Sign in again.": "The access token is malformed or forged.",
    "Your sign-in has expired. Sign in again.": (
        "The access token has expired. Call `refreshSession`, and reconnect a socket or a stream."
    ),
    "Too many requests. Try again in {seconds} seconds.": (
        "The caller has fewer points than the operation costs: see `extensions.cost`."
    ),
    "Some changes were missed. Reload to see the current state.": RESUBSCRIBE,
    "Your vendor memberships have changed. Reload to see the current state.": RESUBSCRIBE,
    "Enter a text to search for, to sort by relevance.": "RELEVANCE requires `search`.",
    "Choose a place, to sort by distance.": "NEAREST and DISTANCE require `near`.",
    "Choose a currency, to sort by price.": (
        "PRICE_ASCENDING and PRICE_DESCENDING require `where.currency`."
    ),
    "Choose a product by its id, or by its address and that of its business.": (
        "`product` takes `id`, or `vendorSlug` and `slug`."
    ),
    "Choose a distance of more than 0 and at most 500 km.": "`withinKm` is out of range.",
    "The text contains a character that cannot be stored. Remove it.": "It is NUL, U+0000.",
    "You have too many open windows or apps. Close one first.": (
        "The user has the maximum number of open sockets and streams."
    ),
    "You already follow {most} things live. Close one first.": (
        "The user has the maximum number of subscriptions."
    ),
    "This window already follows {most} things at once. Close one first.": (
        "The socket has the maximum number of operations."
    ),
    "This is not available to API tokens. Sign in as a user.": (
        "`{name}` requires a session. No scope allows it."
    ),
    "Enter a date and time such as 2026-05-31T18:30:00Z.": "A DateTime has the format of RFC 3339.",
    "Enter a time of day such as 18:30.": "A LocalTime has the format 18:30 or 18:30:15.",
    "Enter a day that exists, such as 2026-05-31.": "A Date has the format 2026-05-31.",
    "Enter a date and time that exist, such as 2026-05-31T18:30.": (
        "A LocalDateTime has the format 2026-05-31T18:30, without a UTC offset."
    ),
    "Enter a whole number.": "A BigInt is a number, or a string of digits.",
    "This number is too large. Enter a smaller one.": "A BigInt is within ±(2^53 - 1).",
    "Choose a country by its code of two letters, such as IN.": "A CountryCode is of ISO 3166-1.",
    "Choose a currency by its code of three letters, such as INR.": (
        "A CurrencyCode is of ISO 4217."
    ),
    "Choose a time zone by its name, such as Asia/Kolkata.": "A TimeZone is an IANA name.",
    "Enter a phone number that starts with + and the country code, such as +918026543210.": (
        "A PhoneNumber has the format of E.164."
    ),
}
