"""A stand-in of Stripe and Paystack for development and tests: `haat payments-stand-in`.

It keeps payments, refunds, payouts and their webhooks in memory, answers as the providers do, and
fails on request. It shares no code with the gateways that it tests.
"""
