"""The zones in which calendars are tried, each with days on which its clocks change."""

from datetime import date

# Half an hour in Lord Howe, midnight in Cairo, Havana and Beirut, winter time by law in Dublin, and
# zones without changes.
CHANGE_DAYS = {
    "Africa/Cairo": (date(2027, 4, 30), date(2027, 10, 28), date(2027, 10, 29)),
    "Africa/Casablanca": (date(2027, 2, 7), date(2027, 3, 14)),
    "America/Havana": (date(2027, 3, 14), date(2027, 11, 7)),
    "America/New_York": (date(2027, 3, 14), date(2027, 11, 7)),
    "America/St_Johns": (date(2027, 3, 14), date(2027, 11, 7)),
    "Asia/Beirut": (date(2027, 3, 28), date(2027, 10, 30), date(2027, 10, 31)),
    "Asia/Kathmandu": (date(2027, 3, 28),),
    "Asia/Kolkata": (date(2027, 3, 28),),
    "Australia/Lord_Howe": (date(2027, 4, 4), date(2027, 10, 3)),
    "Europe/Dublin": (date(2027, 3, 28), date(2027, 10, 31)),
    "Europe/Berlin": (date(2027, 3, 28), date(2027, 10, 31)),
    "Pacific/Apia": (date(2027, 4, 4),),
    "Pacific/Chatham": (date(2027, 4, 4), date(2027, 9, 26)),
}
