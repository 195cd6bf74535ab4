// A typical Node server for comparison: `graphql-ws` on `ws`, and one Redis subscription that feeds the
// iterators of all subscribers. It reads no database: Redis carries the complete event.

import { createServer } from 'node:http';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';

const [port, redisUrl] = process.argv.slice(2);
const subscribers = new Set();
const redis = new Redis(redisUrl);
redis.on('message', (_, text) => {
  const change = JSON.parse(text);
  for (const subscriber of subscribers) subscriber.push(change);
});
await redis.subscribe('changes');

class Subscriber {
  #queue = [];
  #wake = null;
  push(change) {
    this.#queue.push(change);
    this.#wake?.();
  }
  async *changes() {
    subscribers.add(this);
    try {
      for (;;) {
        while (this.#queue.length) yield { conversationChanges: this.#queue.shift() };
        await new Promise((done) => (this.#wake = done));
      }
    } finally {
      subscribers.delete(this);
    }
  }
}

const schema = buildSchema(`
  type Query { ok: Boolean }
  type User { id: ID! }
  type Message { id: ID! sequence: Int! text: String! sender: User }
  interface Change { cursor: String! }
  type MessageSent implements Change { cursor: String! message: Message }
  union ConversationChange = MessageSent
  type Subscription { conversationChanges(conversationId: ID!, after: String): ConversationChange! }
`);
schema.getSubscriptionType().getFields().conversationChanges.subscribe = () => new Subscriber().changes();

const server = createServer((_, answer) => answer.end(String(subscribers.size)));
const sockets = new WebSocketServer({ server, path: '/graphql', perMessageDeflate: false });
useServer({ schema, context: {} }, sockets);
server.listen(Number(port), '127.0.0.1');
