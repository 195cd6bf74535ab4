// Typing: told while one types, and shown while others do.

import { byId } from "./elements.js";

const AGAIN_MS = 30_000;
const QUIET_MS = 12_000;
const TELL = `mutation ($input: SetTypingInput!) { setTyping(input: $input) { errors { message } } }`;
const CHANGES = `subscription ($conversationId: ID!) {
  typing(conversationId: $conversationId) { users { id name } }
}`;

export class Typist {
  #wire;
  #conversationId = null;
  #toldAt = 0;
  #told = Promise.resolve();
  #quiet;

  constructor(wire) {
    this.#wire = wire;
  }

  // A key was struck: told at first and every half a minute, until it has been quiet for a while.
  stroke(conversationId) {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.rest(), QUIET_MS);
    if (conversationId === this.#conversationId && Date.now() - this.#toldAt < AGAIN_MS) return;
    this.#conversationId = conversationId;
    this.#toldAt = Date.now();
    this.#tell(true);
  }

  rest() {
    clearTimeout(this.#quiet);
    if (this.#conversationId) this.#tell(false);
    this.#conversationId = null;
  }

  // In order, and not again if it fails: late would be wrong.
  #tell(typing) {
    const input = { conversationId: this.#conversationId, typing };
    this.#told = this.#told.then(() => this.#wire.change(TELL, input)).catch(() => {});
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
