"""How buyers pay: texts that several mutations share."""

from models.payments.payments import MAX_URL

RETURN_URL = (
    "Where the provider's page leads back to: one of the pages of the server's settings, with any"
    f" parameters. At most {MAX_URL} characters. The buyer then calls `checkPayment`."
)
METHOD = "A saved method to charge, of the same provider."
SAVES = "Whether the provider keeps the method for later payments. Defaults to false."
