// A person who chats: subscribes with npm graphql-ws over a socket that is cut at random, and
// retries each message by `fetch` with the same clientMessageId until it is acknowledged.

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const SEND = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { message { id sequence sentAt } errors { code } }
}`;
const ABORTED_SHARE = 0.05; // of the requests are aborted before a response can arrive
const PATIENCE = 30_000;

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const anyOf = (list) => list[Math.floor(Math.random() * list.length)];
/** Exponential backoff with jitter, so that clients do not reconnect all at once. */
const backoff = (tries) => Math.min(300 * 2 ** tries, 8_000) * (0.5 + Math.random());
/** Time to the next event of a Poisson process with this mean interval. */
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

  /** Starts the subscriptions, the messages and the random cuts. */
  start() {
    this.logs = this.streams.map((stream) => this.subscribe(stream));
    this.sending = this.sendMessages();
    this.cutAtRandom();
  }

  /** Resubscribes after the last change without errors, however the stream ends. */
  subscribe({ query, variables }) {
    const log = [];
    const request = { query, variables };
    let tries = 0;
    const ended = (why) => {
      this.soak.count(`stream ended: ${why}`);
      setTimeout(start, backoff((tries += 1)));
    };
    const start = () => {
      let why = 'COMPLETE';
      const unsubscribe = this.client.subscribe(request, {
        next: ({ data, errors }) => {
          if (why === 'COMPLETE' && errors) {
            why = errors[0].extensions.code;
            setTimeout(unsubscribe); // graphql-ws releases twice if `complete` has already arrived
          }
          if (why !== 'COMPLETE') return; // the next subscription receives these changes again
          tries = 0;
          const [change] = Object.values(data);
          // graphql-ws sends the same request again when it reconnects.
          request.variables.after = this.soak.resume ? change.cursor : undefined;
          if (change.message) this.receive(log, change.message);
        },
        error: (reason) => ended(reason[0]?.extensions?.code ?? reason.code ?? String(reason)),
        complete: () => ended(why),
      });
    };
    start();
    return log;
  }

  receive(log, { conversation, id, sequence, text, sentAt }) {
    const now = Date.now();
    log.push([conversation.id, sequence, id, text, now - Date.parse(sentAt)]);
    this.soak.received(now);
  }

  async sendMessages() {
    for (let number = 1; ; number += 1) {
      await Promise.race([pause(until(this.soak.pauseMs)), this.soak.stopped]);
      if (this.soak.isStopped) return;
      const clientMessageId = `${this.name}, ${number}`;
      const { conversationId } = this;
      const input = { conversationId, clientMessageId, text: `${number}. from ${this.name} ✓` };
      const { id, sequence } = await this.send(input);
      this.answered.push([clientMessageId, id, sequence]);
    }
  }

  /** Retries until a server acknowledges the message. */
  async send(input) {
    for (let tries = 0; ; tries += 1) {
      const began = Date.now();
      const message = await this.request(input);
      if (message) {
        if (Date.parse(message.sentAt) < began - 1) this.soak.count('found again');
        return message;
      }
      this.soak.count('unanswered');
      await pause(backoff(tries));
    }
  }

  async request(input) {
    this.soak.count('requests');
    const patience = Math.random() < ABORTED_SHARE ? Math.random() * 20 : PATIENCE;
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
      if (this.soak.isStopped) return;
      this.soak.count('cuts');
      this.socket?.terminate();
      this.cutAtRandom();
    }, until(this.soak.cutMs));
  }

  /** Returns a WebSocket class that keeps its socket for `cutAtRandom`. */
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
