"""Enums of the domain `audit` in the GraphQL schema."""

from engine.enums import publish
from models.audit import ActorKind, AuditAct, AuditOutcome

__all__ = ["ActorKind", "AuditAct", "AuditOutcome"]

publish(
    AuditAct,
    "A security-relevant act.",
    CREATE_ACCOUNT="Verifying an email address, which creates an account. Refused if the code or"
    " the link is wrong, or no longer valid.",
    LOG_IN="Signing in. The subject is the account, if it exists. SECOND_FACTOR_REQUIRED: the"
    " password, the code by phone or the account at a provider was right, and the second factor"
    " was asked for."
    " PASSKEY_COPIED: the counter of a passkey fell, so there is a copy of it.",
    LOG_OUT="Ending a session. The subject is the account.",
    REFRESH_SESSION="Using a refresh token. Only refusals are recorded, and the theft of a token:"
    " REFRESH_TOKEN_REUSED.",
    REVOKE_SESSION="Ending other sessions. The subject is the account.",
    RESET_PASSWORD="Setting a new password by the link of a mail. The subject is the account.",  # noqa: S106 - no secret
    CHANGE_PASSWORD="Changing the password. The subject is the account.",  # noqa: S106 - no secret
    UPDATE_PROFILE="Changing the name, the language or the time zone. The subject is the account.",
    CHANGE_EMAIL="Changing the email address. The subject is the account.",
    CHANGE_PHONE="Changing the phone number. The subject is the account.",
    UNDO_CHANGE="Undoing a change of the email address. The subject is the account.",
    REAUTHENTICATE="Giving the password or the second factor again.",
    ENABLE_TOTP="Turning one-time codes on, or replacing the app. The subject is the account.",
    DISABLE_TOTP="Turning one-time codes off. The subject is the account.",
    REPLACE_RECOVERY_CODES="Making new recovery codes. The subject is the account.",
    ADD_PASSKEY="Adding a passkey. The subject is the account.",
    REMOVE_PASSKEY="Removing a passkey. The subject is the account.",
    LINK_PROVIDER="Linking an account at a provider, such as Google. The subject is the account.",
    UNLINK_PROVIDER="Unlinking an account at a provider. The subject is the account.",
    EXPORT_DATA="Asking for an export of the account's data. The subject is the account.",
    DOWNLOAD_DATA="Downloading an export. The subject is the account.",
    DELETE_ACCOUNT="Asking for the deletion of the account. The subject is the account.",
    CANCEL_DELETION="Cancelling a deletion, by its link or by signing in. The subject is the"
    " account.",
    ERASE_ACCOUNT="Erasing an account, 14 days after the request. The subject is the account.",
    INVITE_ADMIN="Making a link for an admin, with `haat admin create`. The subject is the account,"
    " if the address has one.",
    CHANGE_ROLE="Changing the role of an account, such as by the link of `haat admin create`.",
    READ_USERS="Reading the list of users as an admin.",
    SUSPEND_USER="Suspending a user.",
    RESTORE_USER="Ending the suspension of a user, by an admin or at its end.",
    GRANT_ADMIN="Asking to make a user an admin, or confirming it. WITHDRAWN: the request was"
    " withdrawn.",
    REVOKE_ADMIN="Asking to take the rights of an admin away, or confirming it. WITHDRAWN: the"
    " request was withdrawn.",
    IMPERSONATE_USER="Beginning to use the account of a user as an admin.",
    END_IMPERSONATION="Ending the use of a user's account before its time is over.",
    ACT_AS_USER="Changing something as an admin in the account of a user. The entry of the act"
    " itself follows if it has one.",
    SWITCH_ROLE="Acting for a vendor, as an admin, or as a customer again, in browser mode.",
    USE_TOKEN="Using an access token or API token. Refused if it is forged, revoked or unknown.",  # noqa: S106 - no secret
    CREATE_API_TOKEN="Creating an API token.",  # noqa: S106 - no secret
    REVOKE_API_TOKEN="Revoking an API token.",  # noqa: S106 - no secret
    CREATE_CATEGORY="Creating a category.",
    UPDATE_CATEGORY="Changing the slug or the names of a category.",
    MOVE_CATEGORY="Moving a category.",
    HIDE_CATEGORY="Hiding a category.",
    SHOW_CATEGORY="Showing a hidden category.",
    CREATE_VENDOR="Creating a vendor as an admin.",
    UPDATE_VENDOR="Changing the profile of a vendor.",
    APPLY_AS_VENDOR="Applying to become a vendor.",
    RESUBMIT_APPLICATION="Submitting an application again, after an admin requested changes.",
    WITHDRAW_APPLICATION="Withdrawing an application.",
    APPROVE_VENDOR="Approving an application, and so its vendor.",
    REJECT_VENDOR="Rejecting an application.",
    REQUEST_VENDOR_CHANGES="Requesting changes of an application.",
    SUSPEND_VENDOR="Suspending a vendor.",
    RESTORE_VENDOR="Restoring a suspended vendor.",
    SET_COMMISSION="Setting the commission of a vendor.",
    CREATE_PROMO_CODE="Creating a promo code.",
    UPDATE_PROMO_CODE="Changing the limits or the time of a promo code.",
    END_PROMO_CODE="Ending a promo code.",
    RECORD_PAYMENT="Recording the payment of an order.",
    CANCEL_TICKET="Cancelling a ticket.",
    TRANSFER_TICKET="Accepting a ticket that another user transfers.",
    LIST_TICKET="Listing a ticket for resale.",
    RECORD_PURCHASE_PAYMENT="Recording the payment of a purchase.",
    REFUND_PURCHASE="Refunding a purchase.",
    CREATE_PACK="Creating a pack.",
    UPDATE_PACK="Changing a pack.",
    RETIRE_PACK="Retiring a pack.",
    RESTORE_PACK="Selling a pack again that was retired.",
    SET_PACK_RULE="Deciding whether a vendor needs packs.",
    SUBSCRIBE_TO_PACK="Subscribing to a pack.",
    CHANGE_PACK_SUBSCRIPTION="Changing a subscription to another pack.",
    CANCEL_PACK_SUBSCRIPTION="Cancelling a subscription to a pack.",
    RESUME_PACK_SUBSCRIPTION="Resuming a subscription to a pack.",
    SETTLE_REFUND="Recording that the money of a refund was sent.",
    REVOKE_DOWNLOAD="Taking the right to a file back from its buyer.",
    RESET_DOWNLOADS="Allowing a buyer more downloads of a file.",
    REPLAY_WEBHOOK="Following a webhook event of a payment provider once more.",
    SETTLE_STUCK_REFUND="Recording that a refund which had failed was sent another way.",
    GRANT_REFUND="A refund that an admin grants.",
    ANSWER_DISPUTE="Evidence for a disputed payment.",
    ACCEPT_DISPUTE="Accepting a dispute: the buyer keeps the money.",
    SET_SHIPPING_ZONES="Changing the delivery zones and rates of a vendor.",
    REGISTER_SCANNER="Registering a scanner of a vendor.",
    REVOKE_SCANNER="Revoking a scanner of a vendor.",
    VOID_SCAN="Taking a scan at a gate back.",
    SET_TAX_RATE="Setting a rate of a tax.",
    END_TAX_RATE="Ending a rate of a tax, or dropping one that has not begun.",
    SET_TAX_REGISTRATION="Setting the registration of a vendor for a tax.",
    REMOVE_TAX_REGISTRATION="Removing the registration of a vendor for a tax.",
    ADJUST_LEDGER="Proposing an adjustment of a wallet.",
    APPROVE_ADJUSTMENT="Approving an adjustment of the ledger.",
    REJECT_ADJUSTMENT="Rejecting or withdrawing an adjustment of the ledger.",
    WRITE_OFF_DEBT="Proposing to write off what a vendor owes.",
    RECORD_TAX_PAYMENT="Proposing to post a tax that the platform has paid.",
    SET_RESERVE="Setting the reserve of a vendor.",
    SET_PAYOUT_ACCOUNT="Setting the account into which a vendor is paid out.",
    CLOSE_PAYOUT_ACCOUNT="Closing the payout account of a vendor.",
    REQUEST_PAYOUT="Requesting a payout of a vendor.",
    CANCEL_PAYOUT="Cancelling a payout of a vendor before it is sent.",
    MARK_PAYOUT_PAID="Recording that the bank has paid a payout.",
    MARK_PAYOUT_RETURNED="Noting that the bank has sent a payout back.",
    CONFIRM_PAYOUT_RETURN="Confirming that a payout came back, which another admin has noted.",
    REJECT_PAYOUT_RETURN="Rejecting that a payout came back.",
    CREATE_PAYOUT_FILE="Making a file of payouts for a bank.",
    APPROVE_PAYOUT_FILE="Approving a file of payouts.",
    CANCEL_PAYOUT_FILE="Cancelling a file of payouts.",
    DOWNLOAD_PAYOUT_FILE="Asking for the link to a file of payouts.",
    RESOLVE_DISCREPANCY="Explaining a discrepancy with a payment provider.",
    REOPEN_DISCREPANCY="Dropping the explanation of a discrepancy.",
    CANCEL_EVENT="Cancelling an event with all its dates.",
    CANCEL_EVENT_DATE="Cancelling a date of an event.",
    SELL_AT_DESK="Selling tickets at the desk, or giving them away.",
    EXPORT_ATTENDEES="Exporting the attendees or the sales of a date.",
    ADD_MEMBER="Adding a member to a vendor, or changing the role of one. The subject is the user.",
    REMOVE_MEMBER="Removing a member of a vendor, or leaving it. The subject is the user.",
    CHANGE_MEMBER_ROLE="Changing the role of a member of a vendor. The subject is the user.",
    INVITE_MEMBER="Inviting a person to a vendor, or sending the mail again.",
    REVOKE_INVITATION="Revoking an invitation to a vendor.",
    DECLINE_INVITATION="Declining an invitation to a vendor.",
    READ_CONVERSATION="Reading a reported conversation as an admin.",
    RESOLVE_REPORT="Resolving a report of a message.",
    RETRY_DEAD_LETTER="Retrying a failed delivery.",
    DROP_DEAD_LETTER="Dropping a failed delivery.",
)

publish(
    AuditOutcome,
    "The outcome of an act.",
    DONE="It was done.",
    REFUSED="It was refused; `code` is the reason.",
)

publish(
    ActorKind,
    "The kind of caller.",
    USER="A signed-in user.",
    API_TOKEN="A program with a user's API token.",  # noqa: S106 - no secret
    ANONYMOUS="A caller that is not signed in.",
    SYSTEM="The server itself, in a job or a command.",
)
