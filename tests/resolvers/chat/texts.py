"""Texts that mutations of conversations take."""

from tests.resolvers.texts import TextCase

ONE_LINE = {
    "saveCannedReply.title",
}
PARAGRAPHS = {
    "editMessage.text",
    "reportMessage.note",
    "saveCannedReply.text",
    "saveChatHours.autoReply",
    "sendMessage.text",
}
CODES = {
    "sendMessage.clientMessageId",
}


def cases(vendor: str, text: str) -> list[TextCase]:
    reply = {"vendorId": vendor, "title": text, "text": "Thanks"}
    return [TextCase("saveCannedReply", reply, ["title"], "cannedReply { title }")]
