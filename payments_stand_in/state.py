"""State of the stand-in: the objects, the money, the faults and the deliveries."""

from payments_stand_in.controls import Controls
from payments_stand_in.deliveries import Deliveries
from payments_stand_in.funds import Funds
from payments_stand_in.store import Json, ObjectStore

SECRET_KEY = "sk_test_stand_in"  # noqa: S105 - opens nothing but the stand-in
PUBLISHABLE_KEY = "pk_test_stand_in"
WEBHOOK_SECRET = "whsec_stand_in"  # noqa: S105 - of the stand-in alone
MAX_KEYS = 100_000


class StandIn:
    """One stand-in. `address` is where browsers reach it."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self.store = ObjectStore()
        self.funds = Funds(self.store)
        self.controls = Controls()
        self.deliveries = Deliveries(self.controls)
        self.paystack_webhooks: str | None = None  # where Paystack's are sent
        # Idempotency keys: the fingerprint of the call, and its answer once it is there.
        self.answers: dict[str, tuple[str, tuple[int, Json] | None]] = {}

    def keep_answer(self, key: str, fingerprint: str, answer: tuple[int, Json] | None) -> None:
        self.answers[key] = (fingerprint, answer)
        if len(self.answers) > MAX_KEYS:
            del self.answers[next(iter(self.answers))]
