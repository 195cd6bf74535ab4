"""Texts that mutations of disputes take."""

ONE_LINE = {"answerDispute.carrier", "answerDispute.trackingNumber"}
PARAGRAPHS = {"answerDispute.explanation"}
CODES = {"acceptDispute.idempotencyKey", "answerDispute.idempotencyKey"}
