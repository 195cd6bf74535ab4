// The open conversation: its messages, their receipts, and the composer.

import { byId, list } from "./elements.js";
import { about, CARD, mySide, receipt, RECEIPTS, title } from "./conversation.js";
import { Composer } from "./composer.js";
import { bubble, MESSAGE } from "./message.js";
import { showTyping } from "./typing.js";

const PAGE = 50;
const FOLLOW_PX = 80; // pixels from the end within which new messages scroll into view
const STATE = `query ($id: ID!, $last: Int!, $before: String) {
  conversation(id: $id) {
    ${RECEIPTS}
    messages(last: $last, before: $before) {
      changesAfter
      nodes { ${MESSAGE} }
      pageInfo { startCursor hasPreviousPage }
    }
  }
}`;
const CHANGES = `subscription ($conversationId: ID!, $after: String) {
  conversationChanges(conversationId: $conversationId, after: $after) {
    __typename
    ... on Change { cursor }
    ... on MessageSent { message { ${MESSAGE} } }
    ... on MessageEdited { message { ${MESSAGE} } }
    ... on MessageDeleted { message { ${MESSAGE} } }
    ... on ReadReceiptUpdated { conversation { ${RECEIPTS} } }
    ... on ConversationUpdated { conversation { ${RECEIPTS} } }
  }
}`;
const READ = `mutation ($input: MarkReadInput!) {
  markRead(input: $input) { conversation { ${CARD} } errors { message } }
}`;

export class Thread {
  #wire;
  #viewer;
  #changed;
  #composer;
  #side;
  #conversation = null;
  #messages;
  #places;
  #earlier;
  #read;
  #leave = [];

  // `changed` is called with the conversation after its messages were marked as read.
  constructor(wire, viewer, changed) {
    this.#wire = wire;
    this.#viewer = viewer;
    this.#changed = changed;
    this.#composer = new Composer(wire, {
      sent: (message) => this.#add(message.conversation.id, [message]),
      waiting: () => this.#show(),
    });
    byId("earlier").addEventListener("click", () => this.#loadEarlier());
    document.addEventListener("visibilitychange", () => this.#markRead());
  }

  open(conversation) {
    for (const leave of this.#leave) leave();
    this.#conversation = conversation;
    this.#side = mySide(conversation, this.#viewer);
    this.#places = conversation;
    this.#messages = new Map();
    this.#read = 0;
    byId("thread").hidden = false;
    byId("choose").hidden = true;
    byId("with").textContent = title(conversation, this.#viewer);
    byId("about").textContent = about(conversation);
    byId("messages").replaceChildren();
    const { id } = conversation;
    this.#leave = [
      this.#wire.follow(() => this.#load(id), CHANGES, (change) => this.#apply(id, change)),
      showTyping(this.#wire, id, this.#viewer),
    ];
    this.#composer.open(id);
  }

  async #load(id) {
    const { messages, ...places } = await this.#page(id, null);
    this.#places = places;
    this.#add(id, messages.nodes);
    return { conversationId: id, after: messages.changesAfter };
  }

  async #loadEarlier() {
    const { id } = this.#conversation;
    this.#add(id, (await this.#page(id, this.#earlier)).messages.nodes);
  }

  async #page(id, before) {
    const { conversation } = await this.#wire.ask(STATE, { id, last: PAGE, before });
    const { startCursor, hasPreviousPage } = conversation.messages.pageInfo;
    if (id === this.#conversation.id) {
      this.#earlier = startCursor;
      byId("earlier").hidden = !hasPreviousPage;
    }
    return conversation;
  }

  #apply(id, { message, conversation }) {
    if (conversation) this.#places = conversation;
    this.#add(id, message ? [message] : []);
  }

  #add(id, messages) {
    if (id !== this.#conversation.id) return;
    for (const one of messages) this.#messages.set(one.id, one);
    this.#show();
    this.#markRead();
  }

  #show() {
    const element = byId("messages");
    const room = element.parentElement;
    const atEnd = room.scrollHeight - room.scrollTop - room.clientHeight < FOLLOW_PX;
    const messages = [...this.#messages.values()].sort((a, b) => a.sequence - b.sequence).map((one) => this.#seen(one));
    const known = new Set(messages.map(({ clientMessageId }) => clientMessageId));
    const waiting = this.#composer.waiting.filter(({ id }) => !known.has(id));
    list(element, [...messages, ...waiting], (one) => bubble(one, () => this.#composer.answer(one)));
    if (atEnd) room.scrollTop = room.scrollHeight;
  }

  #seen(message) {
    const mine = message.side === this.#side;
    return {
      ...message,
      mine,
      speaker: message.sender?.id === this.#viewer.id ? null : (message.sender?.name ?? "Automatic reply"),
      receipt: mine ? receipt(message, this.#side, this.#places) : null,
    };
  }

  // Mark messages as read only while the tab is visible.
  async #markRead() {
    if (!this.#conversation || document.visibilityState !== "visible") return;
    const theirs = [...this.#messages.values()].filter(({ side }) => side !== this.#side);
    const sequence = Math.max(0, ...theirs.map((one) => one.sequence));
    if (sequence <= this.#read) return;
    this.#read = sequence;
    const payload = await this.#wire.attempt(READ, { conversationId: this.#conversation.id, sequence });
    if (payload) this.#changed(payload.conversation);
  }
}
