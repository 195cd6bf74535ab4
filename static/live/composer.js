// The message input. Messages are queued in order until the server has accepted them.

import { byId, notify } from "./elements.js";
import { MESSAGE } from "./message.js";
import { retry } from "./session.js";
import { Typist } from "./typing.js";
import { newKey } from "./wire.js";

const SEND = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { message { ${MESSAGE} conversation { id } } errors { message } }
}`;

export class Composer {
  #wire;
  #callbacks;
  #conversationId;
  #answered = null;
  #drafts = new Map();
  #last = Promise.resolve();
  #typist;

  constructor(wire, callbacks) {
    this.#wire = wire;
    this.#callbacks = callbacks;
    this.#typist = new Typist(wire);
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#queue(byId("text").value.trim());
    });
    byId("text").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        byId("composer").requestSubmit();
      }
    });
    byId("text").addEventListener("input", () => {
      if (byId("text").value) this.#typist.stroke(this.#conversationId);
      else this.#typist.rest();
    });
  }

  open(conversationId) {
    this.#typist.rest();
    this.#conversationId = conversationId;
    byId("text").value = "";
    this.answer(null);
  }

  answer(message) {
    this.#answered = message;
    byId("answering").hidden = !message;
    byId("answering").textContent = message ? `Reply to: ${message.text}` : "";
    byId("text").focus();
  }

  // The unsent messages of the open conversation, without a sequence number.
  get waiting() {
    return [...this.#drafts.values()]
      .filter(({ conversationId }) => conversationId === this.#conversationId)
      .map(({ clientMessageId, text }) => ({ id: clientMessageId, text, mine: true, receipt: "WAITING" }));
  }

  #queue(text) {
    if (!text) return;
    const draft = {
      conversationId: this.#conversationId,
      clientMessageId: newKey(),
      text,
      replyToId: this.#answered?.id ?? null,
    };
    this.#typist.rest();
    byId("text").value = "";
    this.answer(null);
    this.#drafts.set(draft.clientMessageId, draft);
    this.#callbacks.waiting();
    this.#last = this.#last.then(() => this.#send(draft));
  }

  // Retry with the same id until the server responds, so the message is stored once.
  async #send(draft) {
    try {
      const { message } = await retry(() => this.#wire.change(SEND, draft));
      this.#drafts.delete(draft.clientMessageId);
      this.#callbacks.sent(message);
    } catch (refused) {
      this.#drafts.delete(draft.clientMessageId);
      this.#callbacks.waiting();
      notify(refused.message);
    }
  }
}
