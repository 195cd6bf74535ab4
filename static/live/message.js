// Renders a message.

import { clock, make, moment } from "./elements.js";

export const MESSAGE = `id sequence side kind notice text clientMessageId sentAt editedAt deletedAt
  sender { id name } offer { title } upload { fileName url width height } replyTo { text deletedAt sender { name } }`;

const TICKS = {
  WAITING: ["", "not sent yet"],
  SENT: ["✓", "sent"],
  DELIVERED: ["✓✓", "delivered"],
  READ: ["✓✓", "read"],
};
const NOTICES = {
  ARCHIVED: "Conversation archived",
  REOPENED: "Conversation reopened",
  ASSIGNED: "A team member was assigned",
};

export function bubble(message, answer) {
  const { kind, notice, sentAt, mine } = message;
  if (kind === "NOTICE") {
    return make("li", { class: "system" }, `${NOTICES[notice] ?? "Conversation updated"}, `,
      make("time", { datetime: sentAt }, moment(sentAt)));
  }
  return make("li", { class: mine ? "mine" : "theirs" },
    quoted(message.replyTo),
    message.offer ? make("p", { class: "offer" }, message.offer.title) : null,
    message.upload ? attached(message.upload) : null,
    content(message),
    foot(message, answer));
}

function quoted(replyTo) {
  if (!replyTo) return null;
  const text = replyTo.deletedAt ? "Deleted" : replyTo.text;
  return make("blockquote", {}, make("strong", {}, replyTo.sender?.name ?? ""), text);
}

function attached({ fileName, url, width, height }) {
  if (!url) return make("p", {}, fileName);
  if (!width) return make("p", {}, make("a", { href: url, download: fileName }, fileName));
  return make("img", { src: url, alt: fileName, width, height, loading: "lazy" });
}

function content({ deletedAt, text }) {
  if (deletedAt) return make("p", { class: "deleted" }, "Deleted");
  return text ? make("p", {}, text) : null;
}

function foot({ speaker, sentAt, editedAt, deletedAt, receipt }, answer) {
  const foot = make("footer", {});
  if (speaker) foot.append(make("span", {}, speaker));
  if (sentAt) foot.append(make("time", { datetime: sentAt }, clock(sentAt)));
  if (editedAt && !deletedAt) foot.append(make("span", {}, "edited"));
  if (receipt) {
    const [tick, name] = TICKS[receipt];
    foot.append(make("span", { "data-receipt": receipt }, make("span", { class: "ticks", "aria-hidden": "true" }, tick), name));
  }
  if (sentAt && !deletedAt) {
    const button = make("button", { class: "answer" }, "Reply");
    button.addEventListener("click", answer);
    foot.append(button);
  }
  return foot;
}
