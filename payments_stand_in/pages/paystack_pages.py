"""The page on which buyers pay by Paystack."""

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from payments_stand_in.pages.rendering import back, done, page
from payments_stand_in.paystack.calls import PaystackRefused
from payments_stand_in.paystack.transactions import CARDS, pay
from payments_stand_in.state import StandIn
from payments_stand_in.store import Json


class PaystackPages:
    """The page of a transaction, which its access code opens."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    async def checkout(self, request: Request) -> Response:
        transaction = self._find(request.path_params["code"])
        if transaction is None:
            return done("There is no such payment.", status=404)
        if transaction["status"] == "success":
            return _return(transaction)
        return page("paystack", transaction=transaction, cards=CARDS, error="")

    async def pay(self, request: Request) -> Response:
        """Pay with the card that was entered."""
        transaction = self._find(request.path_params["code"])
        if transaction is None:
            return done("There is no such payment.", status=404)
        given = dict(parse_qsl((await request.body()).decode()))
        try:
            pay(self._stand_in, transaction, given.get("number", ""))
        except PaystackRefused as error:
            return page("paystack", 402, transaction=transaction, cards=CARDS, error=str(error))
        if transaction["status"] == "failed":
            reason = transaction["gateway_response"]
            return page("paystack", 402, transaction=transaction, cards=CARDS, error=reason)
        return _return(transaction)

    def _find(self, code: str) -> Json | None:
        transactions = self._stand_in.store.newest("paystack_transaction")
        return next((one for one in transactions if one["_access_code"] == code), None)


def _return(transaction: Json) -> Response:
    reference = transaction["reference"]
    return back(
        transaction["_callback_url"], "Paid, thank you.", trxref=reference, reference=reference
    )
