"""Days on which clocks of a zone change, one zone that loses a day, and zones that never change."""

from datetime import date

CHANGES = [
    ("Australia/Lord_Howe", date(2026, 10, 4)),  # by 30 minutes
    ("Australia/Lord_Howe", date(2027, 4, 4)),
    ("Pacific/Apia", date(2011, 12, 29)),  # the next day is the 31st
    ("Africa/Cairo", date(2026, 4, 24)),  # midnight does not exist
    ("Africa/Cairo", date(2026, 10, 29)),  # its last hour comes twice
    ("America/Havana", date(2027, 3, 14)),
    ("America/Havana", date(2026, 11, 1)),  # midnight comes twice
    ("Asia/Beirut", date(2027, 3, 28)),
    ("Asia/Beirut", date(2026, 10, 24)),
    ("America/New_York", date(2027, 3, 14)),
    ("America/New_York", date(2026, 11, 1)),
    ("Europe/London", date(2027, 3, 28)),
    ("Europe/London", date(2026, 10, 25)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("America/Sao_Paulo", date(2019, 2, 16)),
    ("America/St_Johns", date(2026, 11, 1)),  # half an hour from others
    ("Pacific/Chatham", date(2027, 4, 4)),  # 45 minutes from others
    ("Africa/Casablanca", date(2026, 2, 15)),  # Ramadan
    ("America/Santiago", date(2026, 9, 6)),  # midnight does not exist, in the southern spring
    ("Antarctica/Troll", date(2027, 3, 28)),  # by two hours
]
STEADY = [
    ("Asia/Kolkata", date(2026, 10, 25)),
    ("Africa/Lagos", date(2026, 10, 25)),
    ("Asia/Kathmandu", date(2026, 10, 25)),
]
