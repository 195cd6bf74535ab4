// The box that one writes in. What is sent waits, in order, until the server has it.

import { byId, notify } from "./elements.js";
import { MESSAGE } from "./message.js";
import { insist } from "./session.js";
import { Typist } from "./typing.js";
import { newKey } from "./wire.js";

const SEND = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { message { ${MESSAGE} conversation { id } } errors { message } }
}`;

export class Composer {
  #wire;
  #told;
  #conversationId;
  #answered = null;
  #drafts = new Map();
  #last = Promise.resolve();
  #typist;

  constructor(wire, told) {
    this.#wire = wire;
    this.#told = told;
    this.#typist = new Typist(wire);
    byId("say").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#say(byId("text").value.trim());
    });
    byId("text").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        byId("say").requestSubmit();
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

  // What the open conversation has yet to be sent, as messages without a number.
  get waiting() {
    return [...this.#drafts.values()]
      .filter(({ conversationId }) => conversationId === this.#conversationId)
      .map(({ clientMessageId, text }) => ({ id: clientMessageId, text, mine: true, receipt: "WAITING" }));
  }

  #say(text) {
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
    this.#told.waiting();
    this.#last = this.#last.then(() => this.#send(draft));
  }

  // Sent again under the same id until there is an answer, and so said once.
  async #send(draft) {
    try {
      const { message } = await insist(() => this.#wire.change(SEND, draft));
      this.#drafts.delete(draft.clientMessageId);
      this.#told.sent(message);
    } catch (refused) {
      this.#drafts.delete(draft.clientMessageId);
      this.#told.waiting();
      notify(refused.message);
    }
  }
}
