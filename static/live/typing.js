// Publishes the viewer's typing state and shows that of others.

import { byId } from "./elements.js";

const REPEAT_MS = 30_000;
const QUIET_MS = 12_000;
const SET_TYPING = `mutation ($input: SetTypingInput!) { setTyping(input: $input) { errors { message } } }`;
const CHANGES = `subscription ($conversationId: ID!) {
  typing(conversationId: $conversationId) { users { id name } }
}`;

export class Typist {
  #wire;
  #conversationId = null;
  #sentAt = 0;
  #pending = Promise.resolve();
  #quiet;

  constructor(wire) {
    this.#wire = wire;
  }

  // On each keystroke: publish at first and every 30 seconds, and stop after 12 seconds without one.
  stroke(conversationId) {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.rest(), QUIET_MS);
    if (conversationId === this.#conversationId && Date.now() - this.#sentAt < REPEAT_MS) return;
    this.#conversationId = conversationId;
    this.#sentAt = Date.now();
    this.#send(true);
  }

  rest() {
    clearTimeout(this.#quiet);
    if (this.#conversationId) this.#send(false);
    this.#conversationId = null;
  }

  // Send in order, without retries: a late update would be wrong.
  #send(typing) {
    const input = { conversationId: this.#conversationId, typing };
    this.#pending = this.#pending.then(() => this.#wire.change(SET_TYPING, input)).catch(() => {});
  }
}

export function showTyping(wire, conversationId, viewer) {
  const line = byId("typing");
  line.textContent = "";
  return wire.watch(CHANGES, { conversationId }, ({ users }) => {
    const names = users.filter(({ id }) => id !== viewer.id).map(({ name }) => name);
    line.textContent = names.length ? `${names.join(", ")} is typing …` : "";
  });
}
