"""Jobs that are long run at different minutes, so that they do not slow each other down."""

from procrastinate import App

OFTEN = {"*", "*/2", "*/5", "*/10"}  # short ones


def test_no_two_hourly_or_daily_jobs_share_a_minute(queue: App) -> None:
    crons = [one.cron for one in queue.periodic_registry.periodic_tasks.values()]
    minutes = [cron.split()[0] for cron in crons]
    fixed = sorted(int(minute) for minute in minutes if minute not in OFTEN)
    assert len(fixed) >= 6
    assert fixed == sorted(set(fixed))
    assert not [minute for minute in fixed if minute % 5 == 0], "the minutes of the short ones"
