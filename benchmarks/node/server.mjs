// The usual parts: `graphql-ws` on `ws`, and one Redis subscription that every follower's
// iterator is fed from. It reads no database: a change comes whole through Redis.

import { createServer } from 'node:http';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';

const [port, redisUrl] = process.argv.slice(2);
const followers = new Set();
const redis = new Redis(redisUrl);
redis.on('message', (_, text) => {
  const change = JSON.parse(text);
  for (const follower of followers) follower.push(change);
});
await redis.subscribe('changes');

class Follower {
  #waiting = [];
  #wake = null;
  push(change) {
    this.#waiting.push(change);
    this.#wake?.();
  }
  async *changes() {
    followers.add(this);
    try {
      for (;;) {
        while (this.#waiting.length) yield { conversationChanges: this.#waiting.shift() };
        await new Promise((done) => (this.#wake = done));
      }
    } finally {
      followers.delete(this);
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
schema.getSubscriptionType().getFields().conversationChanges.subscribe = () => new Follower().changes();

const server = createServer((_, answer) => answer.end(String(followers.size)));
const sockets = new WebSocketServer({ server, path: '/graphql', perMessageDeflate: false });
useServer({ schema, context: {} }, sockets);
server.listen(Number(port), '127.0.0.1');
