"""Paystack, by a small client of its API: https://paystack.com/docs/api"""
