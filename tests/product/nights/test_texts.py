"""Times in texts of the hour that comes twice."""

from core.wall import wall
from services.notifications.local_times import describe_time
from tests.product.nights.night import Night


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    night = Night.last("autumn")
    texts = []
    for fold in (0, 1):
        moment = night.at(2, 30, fold=fold)
        local = wall(moment, night.zone).replace(fold=0)
        texts.append(describe_time(local, moment, night.zone, own_zone=night.zone, locale="en"))
    assert texts == [f"{night.day} 02:30+02:00", f"{night.day} 02:30+01:00"]
    noon = night.at(12)
    shown = describe_time(wall(noon, night.zone), noon, night.zone, own_zone=None, locale="en")
    assert shown == f"{night.day} 12:00"


def test_a_reader_elsewhere_gets_the_own_time_apart_too() -> None:
    night = Night.last("autumn")
    moment = night.at(2, 30, fold=1)
    there = wall(moment, "Asia/Kolkata")
    shown = describe_time(there, moment, "Asia/Kolkata", own_zone=night.zone, locale="en")
    assert shown == f"{night.day} 07:00 there ({night.day} 02:30+01:00 for you)"
