"""Browser sessions: how long they last, and in which role."""

from models.errors import Refusal

BROWSER_HOURS = 8
ACTING_HOURS = 2  # for a vendor or as an admin, then as a customer again


class NoBrowserSession(Refusal):
    message = "Roles are switched in a browser. Here, you have all of them at once."
    meaning = "The request is not in browser mode, so its session has no role to switch."
    remedy = "Do not offer it. Tokens act in all roles of their user at once."
