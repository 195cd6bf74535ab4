"""What every "no" means and what a client should do about it: descriptions, and docs/errors.md."""

from collections.abc import Mapping
from typing import NamedTuple

from engine.error_codes import Fault
from models.errors import ErrorCode as Code


class Meaning(NamedTuple):
    """When a code comes, and what the client that gets it should do."""

    when: str
    then: str


KEEP_KEY = "Wait a moment and send the same request with the same key."

REFUSALS: Mapping[Code, Meaning] = {
    Code.INVALID_INPUT: Meaning(
        "A value of the input is out of its range; `field` says which.",
        "Show `message` beside that field and let the person correct it.",
    ),
    Code.NOT_FOUND: Meaning(
        "There is nothing by that id, or it is not the viewer's; the two look alike.",
        "Refetch the list that the id came from. Trying again does not help.",
    ),
    Code.EMAIL_TAKEN: Meaning(
        "There is an account with this address already.", "Offer to sign in instead."
    ),
    Code.WRONG_CREDENTIALS: Meaning(
        "No account has this address and password; which of the two is wrong is not told.",
        "Let the person try again. After many failures one must wait.",
    ),
    Code.SESSION_ENDED: Meaning(
        "The session was ended, or its refresh token is unknown, too old or already used.",
        "Forget both tokens and ask the person to sign in.",
    ),
    Code.API_TOKEN_LIMIT_REACHED: Meaning(
        "The person has as many API tokens as one may; one made within the hour counts even when"
        " it was revoked.",
        "Show the tokens there are, and let the person revoke one.",
    ),
    Code.VENDOR_NOT_APPROVED: Meaning(
        "The vendor is not approved, so it can neither publish offers nor honour vouchers now.",
        "Tell the person; only an admin of the platform can change it.",
    ),
    Code.OFFER_STATE: Meaning(
        "The offer is in a state that does not allow this step.",
        "Refetch the offer's `state` and offer only the steps that follow from it.",
    ),
    Code.OFFER_NOT_CLAIMABLE: Meaning(
        "The offer is not published, so it is not open for claims.", "Refetch the offer."
    ),
    Code.OFFER_NOT_STARTED: Meaning(
        "The offer's time has not begun.", "Show `startsAt`, and let the person claim it then."
    ),
    Code.OFFER_ENDED: Meaning("The offer's time is over.", "Take the offer off the screen."),
    Code.OFFER_SOLD_OUT: Meaning(
        "Every voucher of the offer has been claimed.",
        "Say so. A voucher that somebody gives back can be claimed again.",
    ),
    Code.CLAIM_LIMIT_REACHED: Meaning(
        "The viewer has claimed the offer as often as one person may.",
        "Show the vouchers that the viewer has.",
    ),
    Code.CAPACITY_BELOW_CLAIMED: Meaning(
        "The new capacity is less than what has been claimed already.",
        "Refetch `claimed` and ask for at least that many.",
    ),
    Code.VOUCHER_NOT_CANCELLABLE: Meaning(
        "The voucher is redeemed, expired or cancelled already.", "Refetch the voucher's `state`."
    ),
    Code.CONVERSATION_BLOCKED: Meaning(
        "One side of the conversation blocks the other, so nothing can be written.",
        "Refetch the conversation's `state`. Who blocked can lift it by `blockConversation`.",
    ),
    Code.CONVERSATION_LIMIT_REACHED: Meaning(
        "A user and a vendor have a hundred conversations already.",
        "Go on in one of them.",
    ),
    Code.MESSAGE_TOO_OLD: Meaning(
        "The message was sent more than fifteen minutes ago, so it stays as it is.",
        "Take the buttons to edit and to delete it off the screen.",
    ),
    Code.MESSAGE_DELETED: Meaning(
        "The message was deleted, so it cannot be edited.", "Refetch the message."
    ),
    Code.MESSAGE_ID_REUSED: Meaning(
        "This `clientMessageId` was used in this conversation with another message.",
        "Make a new one for each message; keep it only to repeat the very same message.",
    ),
    Code.ALREADY_REPORTED: Meaning(
        "The viewer has reported this message before.", "Say that an admin will look at it."
    ),
    Code.CONVERSATION_ALREADY_ASSIGNED: Meaning(
        "Another member of the vendor looks after the conversation, and the viewer is no manager.",
        "Refetch the conversation's `assignee`.",
    ),
    Code.CANNED_REPLY_LIMIT_REACHED: Meaning(
        "The vendor keeps as many canned replies as it may.",
        "Show those there are, and let the person delete one.",
    ),
    Code.CANNED_REPLY_TITLE_TAKEN: Meaning(
        "The vendor has another canned reply of this title.",
        "Show `message` beside the title and ask for another.",
    ),
    Code.UPLOAD_LIMIT_REACHED: Meaning(
        "The viewer has twenty files on their way, or sent and attached to nothing.",
        "Attach those first. What is not finished in an hour, or attached in a day, is forgotten.",
    ),
    Code.UPLOAD_NOT_RECEIVED: Meaning(
        "`finishUpload` was called before the file had arrived at its link.",
        "Send the file, and call `finishUpload` when that has been answered 200.",
    ),
    Code.UPLOAD_REFUSED: Meaning(
        "What arrived is not taken; `upload.flaw` says why. It stays so, and is forgotten.",
        "Show `message`. Another file needs another `createUpload`.",
    ),
    Code.STORAGE_UNAVAILABLE: Meaning(
        "The store of files does not answer the server now.",
        "Try again in a moment: nothing has changed.",
    ),
    Code.IDEMPOTENCY_KEY_REUSED: Meaning(
        "This idempotency key was used before with another input.",
        "Make a new key for each new intent; keep it only to repeat the very same request.",
    ),
    Code.IDEMPOTENCY_IN_PROGRESS: Meaning(
        "The first request with this idempotency key is still running.", KEEP_KEY
    ),
}

FAULTS: Mapping[Fault, Meaning] = {
    Fault.UNAUTHENTICATED: Meaning(
        "The field needs somebody signed in, or the access token is bad or has ended.",
        "Refresh the session, or sign in, and send the request again.",
    ),
    Fault.FORBIDDEN: Meaning(
        "The viewer is known, and this is not theirs to see; or an API token lacks a scope.",
        "Do not ask again as this viewer; use a token with the scope that `message` names.",
    ),
    Fault.BAD_USER_INPUT: Meaning(
        "The request itself is malformed: syntax, an unknown field, a bad id, cursor or scalar.",
        "Correct the client; `message` and `locations` say where.",
    ),
    Fault.QUERY_TOO_COMPLEX: Meaning(
        "The operation is too large, too deep or too dear; see [limits](limits.md).",
        "Ask for less at once: shorter pages, fewer fields, several requests.",
    ),
    Fault.RATE_LIMITED: Meaning(
        "The caller's budget is used up, or there were too many failed attempts to sign in.",
        "Wait until `extensions.cost.resetAt`, or as long as `message` says.",
    ),
    Fault.PERSISTED_QUERY_NOT_FOUND: Meaning(
        "The server does not know the document that the request names by its hash.",
        "Send the request again with both the document and its hash.",
    ),
    Fault.NOT_FOUND: Meaning(
        "A subscription was asked to watch what is not there, or is not the viewer's.",
        "Refetch; do not reconnect.",
    ),
    Fault.CURSOR_EXPIRED: Meaning(
        "The changes after a subscription's cursor are gone.",
        "Fetch the state anew, and subscribe without `after`.",
    ),
    Fault.INTERNAL: Meaning(
        "Something went wrong on the server; what it was is hidden, and logged.",
        "Try again later. `extensions.requestId` finds it in the server's logs.",
    ),
}
