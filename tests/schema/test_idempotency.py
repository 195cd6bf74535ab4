"""Each mutation can be repeated after a lost response: by a key, or because of what it does."""

from graphql import GraphQLInputObjectType, GraphQLSchema, get_named_type

KEYS = {"idempotencyKey", "clientMessageId"}

# Why a repetition of the others creates nothing twice.
REPEATABLE = {
    "acceptAdminInvitation": "a link is used once",
    "addVendorMember": "sets a role",
    "archiveConversation": "sets a state",
    "archiveOffer": "sets a state",
    "assignConversation": "sets a state",
    "blockConversation": "sets a state",
    "cancelVoucher": "refuses a cancelled voucher",
    "createApiToken": "its secret is not stored, so a repetition could not return it",
    "createCategory": "slugs are unique below a parent",
    "createUpload": "an unused link expires and frees its space",
    "deleteCannedReply": "refuses a deleted reply",
    "deleteMessage": "sets a state",
    "dropDeadLetter": "refuses a dropped delivery",
    "editMessage": "sets a text",
    "finishUpload": "returns the finished upload",
    "hideCategory": "sets a state",
    "likeOffer": "sets a state",
    "logIn": "a session that is not used expires",
    "logOut": "sets a state",
    "markDelivered": "sets a position",
    "markNotificationsRead": "sets a position",
    "markRead": "sets a position",
    "moveCategory": "sets a place",
    "pauseOffer": "sets a state",
    "publishOffer": "sets a state",
    "reauthenticate": "sets a time",
    "refreshSession": "a refresh token is used once",
    "register": "the first registration that is verified becomes the account",
    "registerDevice": "a device has one token",
    "removeDevice": "refuses a removed device",
    "removeVendorMember": "refuses a removed member",
    "reportMessage": "a user reports a message once",
    "resendVerification": "mails per address are limited, and each replaces the former",
    "resolveReport": "sets a state",
    "retryDeadLetter": "refuses a delivery that is scheduled",
    "revokeApiToken": "sets a state",
    "saveCannedReply": "titles are unique at a vendor",
    "saveChatHours": "sets values",
    "setTyping": "sets a state",
    "showCategory": "sets a state",
    "startConversation": "a contact has one conversation about a subject",
    "unlikeOffer": "sets a state",
    "updateCategory": "sets values",
    "updateNotificationPreferences": "sets values",
    "updateOffer": "sets values",
    "updateVendor": "sets values",
    "verifyEmail": "a registration is used once",
}


def test_every_mutation_takes_a_key_or_is_repeatable(graph: GraphQLSchema) -> None:
    assert graph.mutation_type
    without_key = set()
    for name, field in graph.mutation_type.fields.items():
        kind = get_named_type(field.args["input"].type)
        assert isinstance(kind, GraphQLInputObjectType)
        if not KEYS & kind.fields.keys():
            without_key.add(name)
    assert without_key == set(REPEATABLE)
