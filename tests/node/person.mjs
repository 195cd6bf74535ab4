// One person who chats: follows with npm graphql-ws over a socket that is cut at random, and
// sends each message by `fetch`, with the same clientMessageId until it is answered.

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const SEND = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { message { id sequence sentAt } errors { code } }
}`;
const HURRIED = 0.05; // of the requests are given up before they can be answered
const PATIENCE = 30_000;

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const anyOf = (list) => list[Math.floor(Math.random() * list.length)];
/** Before another try: longer each time, and at random, so that nobody is run over. */
const backoff = (tries) => Math.min(300 * 2 ** tries, 8_000) * (0.5 + Math.random());
/** How long until the next of something that happens this often on average. */
const until = (mean) => -Math.log(1 - Math.random()) * mean;

export class Person {
  constructor(given, soak) {
    Object.assign(this, given, { soak, answered: [] });
    this.client = createClient({
      url: () => anyOf(soak.urls).replace('http', 'ws'),
      webSocketImpl: this.cuttable(),
      connectionParams: { authorization: `Bearer ${this.token}` },
      retryAttempts: Infinity,
      retryWait: (tries) => pause(backoff(tries)),
      shouldRetry: () => true,
      on: { connected: () => soak.count('connections') },
    });
  }

  /** Begins to follow, to talk, and to be cut off. */
  start() {
    this.logs = this.streams.map((stream) => this.follow(stream));
    this.talking = this.talk();
    this.cutAtRandom();
  }

  /** Goes on behind the last good change, however the stream ends. */
  follow({ query, variables }) {
    const log = [];
    const request = { query, variables };
    let tries = 0;
    const ended = (why) => {
      this.soak.count(`stream ended: ${why}`);
      setTimeout(start, backoff((tries += 1)));
    };
    const start = () => {
      let why = 'COMPLETE';
      const leave = this.client.subscribe(request, {
        next: ({ data, errors }) => {
          if (why === 'COMPLETE' && errors) {
            why = errors[0].extensions.code;
            setTimeout(leave); // graphql-ws releases twice if `complete` is here already
          }
          if (why !== 'COMPLETE') return; // what comes now would come again
          tries = 0;
          const [change] = Object.values(data);
          // graphql-ws sends the same request again when it connects anew.
          request.variables.after = this.soak.resume ? change.cursor : undefined;
          if (change.message) this.hear(log, change.message);
        },
        error: (reason) => ended(reason[0]?.extensions?.code ?? reason.code ?? String(reason)),
        complete: () => ended(why),
      });
    };
    start();
    return log;
  }

  hear(log, { conversation, id, sequence, text, sentAt }) {
    const now = Date.now();
    log.push([conversation.id, sequence, id, text, now - Date.parse(sentAt)]);
    this.soak.heard(now);
  }

  async talk() {
    for (let number = 1; ; number += 1) {
      await Promise.race([pause(until(this.soak.pauseMs)), this.soak.hushed]);
      if (this.soak.quiet) return;
      const clientMessageId = `${this.name}, ${number}`;
      const { conversationId } = this;
      const input = { conversationId, clientMessageId, text: `${number}. ${this.name} says ✓` };
      const { id, sequence } = await this.say(input);
      this.answered.push([clientMessageId, id, sequence]);
    }
  }

  /** Until it is answered, at whichever server. */
  async say(input) {
    for (let tries = 0; ; tries += 1) {
      const began = Date.now();
      const message = await this.ask(input);
      if (message) {
        if (Date.parse(message.sentAt) < began - 1) this.soak.count('found again');
        return message;
      }
      this.soak.count('unanswered');
      await pause(backoff(tries));
    }
  }

  async ask(input) {
    this.soak.count('requests');
    const patience = Math.random() < HURRIED ? Math.random() * 20 : PATIENCE;
    try {
      const response = await fetch(anyOf(this.soak.urls), {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
        body: JSON.stringify({ query: SEND, variables: { input } }),
        signal: AbortSignal.timeout(Math.ceil(patience)),
      });
      const { data, errors } = await response.json();
      const refusal = data?.sendMessage?.errors?.[0]?.code ?? errors?.[0]?.extensions?.code;
      if (refusal) this.soak.count(`answer: ${refusal}`);
      return data?.sendMessage?.message;
    } catch {
      return null;
    }
  }

  cutAtRandom() {
    setTimeout(() => {
      if (this.soak.quiet) return;
      this.soak.count('cuts');
      this.socket?.terminate();
      this.cutAtRandom();
    }, until(this.soak.cutMs));
  }

  /** A WebSocket that this person's cuts can reach. */
  cuttable() {
    const person = this;
    return class extends WebSocket {
      constructor(...all) {
        super(...all);
        person.socket = this;
      }
    };
  }
}
