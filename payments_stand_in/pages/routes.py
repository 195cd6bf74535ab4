"""The paths of the pages."""

from starlette.routing import Route

from payments_stand_in.pages.overview import Overview
from payments_stand_in.pages.paystack_pages import PaystackPages
from payments_stand_in.pages.stripe_pages import StripePages
from payments_stand_in.state import StandIn


def page_routes(stand_in: StandIn) -> list[Route]:
    stripe, paystack = StripePages(stand_in), PaystackPages(stand_in)
    return [
        Route("/", Overview(stand_in).show, methods=["GET"]),
        Route("/pay/{secret}", stripe.card_form, methods=["GET"]),
        Route("/pay/{secret}", stripe.pay, methods=["POST"]),
        Route("/3ds/{id}", stripe.confirmation, methods=["GET"]),
        Route("/3ds/{id}", stripe.confirm, methods=["POST"]),
        Route("/onboarding/{token}", stripe.onboarding, methods=["GET"]),
        Route("/onboarding/{token}", stripe.complete, methods=["POST"]),
        Route("/paystack/checkout/{code}", paystack.checkout, methods=["GET"]),
        Route("/paystack/checkout/{code}", paystack.pay, methods=["POST"]),
    ]
