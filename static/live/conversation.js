// The fields of a conversation, and values derived from them for the viewer.

export const CARD = `id state lastMessageAt lastSequence unreadMessages
  readByUser readByVendor deliveredToUser deliveredToVendor
  user { id name } vendor { id name } assignee { id }
  subject { ... on Offer { title } ... on Voucher { offer { title } } }
  lastMessage { id side kind text sender { id } }`;

export const RECEIPTS = "readByUser readByVendor deliveredToUser deliveredToVendor";

export const mySide = ({ user }, viewer) => (user.id === viewer.id ? "USER" : "VENDOR");

export const title = (conversation, viewer) =>
  mySide(conversation, viewer) === "USER" ? conversation.vendor.name : conversation.user.name;

export const about = ({ subject }) => subject?.title ?? subject?.offer.title ?? "";

// The user whose presence represents the other side: the customer; for a vendor, the assignee or last sender.
export function counterpart(conversation, viewer) {
  if (mySide(conversation, viewer) === "VENDOR") return conversation.user.id;
  const { assignee, lastMessage } = conversation;
  return assignee?.id ?? (lastMessage?.side === "VENDOR" ? lastMessage.sender?.id : null) ?? null;
}

// The receipt state of the viewer's own message.
export function receipt({ sequence }, side, places) {
  const [read, delivered] = side === "USER"
    ? [places.readByVendor, places.deliveredToVendor]
    : [places.readByUser, places.deliveredToUser];
  if (sequence <= read) return "READ";
  return sequence <= delivered ? "DELIVERED" : "SENT";
}
