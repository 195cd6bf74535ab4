"""Texts that mutations of promo codes take."""

CODES = {"createPromoCode.code", "createPromoCode.idempotencyKey"}
