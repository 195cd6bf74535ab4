"""The database constraints on events and tickets, with SQL that violates each of them."""

from tests.models.events import door_rules, organiser_rules, place_rules, ticket_rules

RULES = [*place_rules.RULES, *ticket_rules.RULES, *door_rules.RULES, *organiser_rules.RULES]
WITH = place_rules.WITH | ticket_rules.WITH | door_rules.WITH
PASSING = [*place_rules.PASSING, *ticket_rules.PASSING]
