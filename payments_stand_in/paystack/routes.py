"""The paths of the Paystack face."""

from starlette.routing import Route

from payments_stand_in.paystack import (
    customers,
    disputes,
    refunds,
    settlements,
    transactions,
    transfers,
)
from payments_stand_in.paystack.calls import Run, endpoint
from payments_stand_in.state import StandIn

PREFIX = "/paystack"
OPERATIONS: tuple[tuple[str, str, Run], ...] = (
    ("POST", "transaction/initialize", transactions.initialize),
    ("POST", "transaction/charge_authorization", transactions.charge_authorization),
    ("GET", "transaction/verify/{id}", transactions.verify),
    ("GET", "transaction/{id}", transactions.fetch),
    ("GET", "transaction", transactions.list_all),
    ("POST", "customer", customers.create),
    ("POST", "customer/deactivate_authorization", customers.deactivate),
    ("GET", "customer/{id}", customers.fetch),
    ("POST", "refund", refunds.create),
    ("GET", "refund/{id}", refunds.fetch),
    ("GET", "refund", refunds.list_all),
    ("POST", "transferrecipient", transfers.create_recipient),
    ("GET", "transferrecipient/{id}", transfers.fetch_recipient),
    ("POST", "transfer", transfers.create),
    ("GET", "transfer/verify/{id}", transfers.verify),
    ("GET", "transfer", transfers.list_all),
    ("GET", "balance", transfers.balance),
    ("GET", "settlement", settlements.list_all),
    ("GET", "settlement/{id}/transaction", settlements.list_transactions),
    ("GET", "dispute", disputes.list_all),
    ("GET", "dispute/{id}", disputes.fetch),
    ("POST", "dispute/{id}/evidence", disputes.add_evidence),
    ("GET", "dispute/{id}/upload_url", disputes.upload_url),
    ("PUT", "dispute/{id}/resolve", disputes.resolve),
)


def routes(stand_in: StandIn) -> list[Route]:
    calls = [
        Route(f"{PREFIX}/{path}", endpoint(stand_in, run), methods=[method])
        for method, path, run in OPERATIONS
    ]
    files = Route(f"{disputes.UPLOADS}/{{name}}", disputes.receive_file, methods=["PUT"])
    return [*calls, files]
