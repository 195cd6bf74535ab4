"""Files that evidence names. Their content is not kept."""

from stripe.params import FileCreateParams, FileRetrieveParams

from payments_stand_in.store import Json
from payments_stand_in.stripe.calls import StripeCall
from payments_stand_in.stripe.refusals import Refused

KIND = "file"
MAX_FILE = 5_000_000
MAX_COMBINED = 4_500_000  # of all files of a dispute
# The fields of evidence that are ids of files.
FIELDS = frozenset(
    {
        "cancellation_policy",
        "customer_communication",
        "customer_signature",
        "duplicate_charge_documentation",
        "receipt",
        "refund_policy",
        "service_documentation",
        "shipping_documentation",
        "uncategorized_file",
    }
)


def create(call: StripeCall, params: FileCreateParams) -> Json:
    file, purpose = params["file"], params["purpose"]
    if purpose != "dispute_evidence":
        raise Refused("parameter_invalid", f"The stand-in takes no {purpose}.", param="purpose")
    if not file["type"] or int(file["size"]) > MAX_FILE:
        raise Refused("file_invalid", "A PDF, PNG or JPEG of at most 5 MB.", param="file")
    return call.stand_in.store.add(
        KIND,
        "file",
        filename=file["filename"],
        purpose=purpose,
        size=int(file["size"]),
        type=file["type"],
    )


def retrieve(call: StripeCall, _: FileRetrieveParams) -> Json:
    return call.stand_in.store.get(KIND, call.id)


def check_evidence(call: StripeCall, evidence: Json) -> None:
    """Refuse evidence that names no file, or files that are too large together."""
    ids = [value for name, value in evidence.items() if name in FIELDS and value]
    sizes = [call.stand_in.store.get(KIND, one)["size"] for one in ids]
    if sum(sizes) > MAX_COMBINED:
        raise Refused("dispute_evidence_too_large", "Combined files exceed 4.5 MB.")
