// What the page knows of a conversation, and which side of it somebody is on.

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

// Whose presence tells whether anybody is there: the user, or who spoke for the vendor last.
export function counterpart(conversation, viewer) {
  if (mySide(conversation, viewer) === "VENDOR") return conversation.user.id;
  const { assignee, lastMessage } = conversation;
  return assignee?.id ?? (lastMessage?.side === "VENDOR" ? lastMessage.sender?.id : null) ?? null;
}

// How far one's own message has come with the other side.
export function receipt({ sequence }, side, places) {
  const [read, delivered] = side === "USER"
    ? [places.readByVendor, places.deliveredToVendor]
    : [places.readByUser, places.deliveredToUser];
  if (sequence <= read) return "READ";
  return sequence <= delivered ? "DELIVERED" : "SENT";
}
