// The viewer's conversations, latest first, with unread counts and presence.

import { byId, list, make, moment, notify } from "./elements.js";
import { about, CARD, counterpart, mySide, title } from "./conversation.js";
import { Presence } from "./presence.js";
import { Thread } from "./thread.js";
import { VOUCHER } from "./wallet.js";

const STATE = `{ viewer { conversations(first: 30) { changesAfter nodes { ${CARD} } } } }`;
const CHANGES = `subscription ($after: String) {
  inboxChanges(after: $after) {
    __typename
    ... on Change { cursor }
    ... on MessageSent { message { conversation { ${CARD} } } }
    ... on MessageEdited { message { conversation { ${CARD} } } }
    ... on MessageDeleted { message { conversation { ${CARD} } } }
    ... on ReadReceiptUpdated { conversation { ${CARD} } }
    ... on ConversationUpdated { conversation { ${CARD} } }
    ... on VoucherUpdated { voucher { ${VOUCHER} } }
  }
}`;
const START = `mutation ($input: StartConversationInput!) {
  startConversation(input: $input) { conversation { ${CARD} } errors { message } }
}`;
const DELIVERED = `mutation ($input: MarkDeliveredInput!) {
  markDelivered(input: $input) { errors { message } }
}`;

export class Inbox {
  #conversations = new Map();
  #open = null;
  #wire;
  #viewer;
  #thread;
  #presence;

  // `changed` is called with each of the viewer's vouchers that changes.
  constructor(wire, viewer, changed) {
    this.#wire = wire;
    this.#viewer = viewer;
    this.#presence = new Presence(wire, () => this.#show());
    this.#thread = new Thread(wire, viewer, (conversation) => this.#keep([conversation]));
    byId("write").addEventListener("click", () => this.start(document.body.dataset.vendor));
    wire.follow(() => this.#load(), CHANGES, ({ conversation, message, voucher }) => {
      const one = conversation ?? message?.conversation;
      if (one) this.#keep([one]);
      if (voucher) changed(voucher);
    });
  }

  // Open the conversation with a vendor about a subject, or without one; create it if needed.
  async start(vendorId, subjectId = null) {
    try {
      const { conversation } = await this.#wire.change(START, { vendorId, subjectId });
      this.#keep([conversation]);
      this.#choose(conversation.id);
    } catch (error) {
      notify(error.message);
    }
  }

  async #load() {
    const { changesAfter, nodes } = (await this.#wire.ask(STATE)).viewer.conversations;
    this.#keep(nodes);
    return { after: changesAfter };
  }

  #keep(conversations) {
    for (const one of conversations) {
      this.#conversations.set(one.id, one);
      this.#acknowledge(one);
    }
    const open = [...this.#conversations.values()].filter((one) => one.state !== "BLOCKED");
    this.#presence.watch(open.map((one) => counterpart(one, this.#viewer)));
    this.#show();
  }

  // Mark received messages as delivered, whether or not they are on the screen.
  #acknowledge(conversation) {
    const { id, lastSequence, unreadMessages, deliveredToUser, deliveredToVendor } = conversation;
    const mine = mySide(conversation, this.#viewer) === "USER" ? deliveredToUser : deliveredToVendor;
    if (!unreadMessages || mine >= lastSequence) return;
    this.#wire.attempt(DELIVERED, { conversationId: id, sequence: lastSequence });
  }

  #choose(id) {
    this.#open = id;
    this.#thread.open(this.#conversations.get(id));
    this.#show();
  }

  #show() {
    const latest = [...this.#conversations.values()].sort((a, b) => (a.lastMessageAt < b.lastMessageAt ? 1 : -1));
    list(byId("conversations"), latest.map((one) => this.#row(one)), (row) => this.#button(row));
    const unread = latest.reduce((sum, { unreadMessages }) => sum + unreadMessages, 0);
    byId("unread").hidden = !unread;
    byId("unread").textContent = unread;
    document.title = `${unread ? `(${unread}) ` : ""}${this.#viewer.name} · Live · Haat`;
    const customer = !this.#viewer.vendors.length;
    byId("no-conversations").hidden = latest.length > 0;
    byId("no-conversations").textContent = customer
      ? "No messages yet. Ask about a voucher, or send a message."
      : "No messages yet. Messages from customers appear here.";
    byId("write").hidden = !customer || !document.body.dataset.vendor;
    const open = this.#conversations.get(this.#open);
    if (open) byId("there").textContent = this.#presence.status(counterpart(open, this.#viewer));
  }

  #row(one) {
    return {
      id: one.id,
      name: title(one, this.#viewer),
      subject: about(one),
      preview: one.lastMessage?.text ?? "",
      at: one.lastMessageAt,
      unread: one.unreadMessages,
      online: this.#presence.online(counterpart(one, this.#viewer)),
      current: one.id === this.#open,
    };
  }

  #button({ id, name, subject, preview, at, unread, online, current }) {
    const button = make("button", { "aria-current": current && "true" },
      make("strong", { class: "dot", "data-online": online }, name, make("span", { class: "unseen" }, online ? ", online" : "")),
      make("time", { datetime: at }, moment(at)),
      subject ? make("span", { class: "subject" }, subject) : null,
      make("span", { class: "preview" }, preview),
      unread ? make("span", { class: "count" }, String(unread), make("span", { class: "unseen" }, " unread")) : null);
    button.addEventListener("click", () => this.#choose(id));
    return make("li", {}, button);
  }
}
