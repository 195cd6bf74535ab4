"""The Stripe face: the part of Stripe's API that Haat calls, by its documented behaviour.

Sources: https://docs.stripe.com/api and https://docs.stripe.com/testing. The names and types of
parameters are those of `stripe.params`.
"""
