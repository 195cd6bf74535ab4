"""The Paystack face: the part of Paystack's API that Haat calls.

Source: https://paystack.com/docs/api
"""
