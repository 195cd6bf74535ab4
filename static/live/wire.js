// The API client: queries and mutations over HTTP, subscriptions over one WebSocket that reconnects and resumes.

import { post, Refused, retry, wait } from "./session.js";

const PONG_TIMEOUT_MS = 5_000;

// An idempotency key. (`crypto.randomUUID` is not available on plain HTTP pages.)
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export class Wire {
  #session;
  #socket;
  #onState;

  constructor(session, onState) {
    this.#session = session;
    this.#onState = onState;
    let pongTimeout;
    let retryAfter = 0; // the delay that a restarting server requests
    this.#socket = globalThis.graphqlWs.createClient({
      url: new URL("/graphql", location.href).href.replace(/^http/, "ws"),
      connectionParams: () => session.connectionParams(),
      retryAttempts: Infinity,
      shouldRetry: () => true,
      retryWait: (tries) => wait(retryAfter || Math.min(250 * 2 ** tries, 5_000) * (0.5 + Math.random())),
      keepAlive: 10_000,
      on: {
        connected: () => onState("live"),
        closed: ({ reason }) => {
          clearTimeout(pongTimeout);
          retryAfter = 1_000 * (/^retry in ([\d.]+) s$/.exec(reason)?.[1] ?? 0);
          onState("reconnecting");
        },
        ping: (received) => {
          if (!received) pongTimeout = setTimeout(() => this.#socket.terminate(), PONG_TIMEOUT_MS);
        },
        pong: (received) => {
          if (received) clearTimeout(pongTimeout);
        },
      },
    });
  }

  async ask(query, variables) {
    return post(this.#session, query, variables);
  }

  // Return the payload of a mutation; throw `Refused` for its first error.
  async change(query, input) {
    const [payload] = Object.values(await this.ask(query, { input }));
    if (payload.errors.length) throw new Refused(payload.errors[0]);
    return payload;
  }

  // Run a mutation, retrying until the server responds; return null if it is refused.
  async attempt(query, input) {
    return retry(() => this.change(query, input)).catch(() => null);
  }

  // Load the state, then apply each change after its cursor. Start over if the cursor has expired.
  follow(load, query, apply) {
    let stop = () => {};
    let stopped = false;
    const end = (code) => (code === "CURSOR_EXPIRED" ? begin() : this.#onState("ended", code));
    const begin = () => retry(load).then((variables) => {
      if (!stopped) stop = this.watch(query, variables, apply, end);
    }, ({ code }) => end(code));
    begin();
    return () => {
      stopped = true;
      stop();
    };
  }

  // graphql-ws sends the same variables when it reconnects, so keep `after` up to date in them.
  watch(query, variables, apply, end = (code) => this.#onState("ended", code)) {
    return this.#socket.subscribe({ query, variables }, {
      next({ data, errors }) {
        if (errors) return void end(errors[0].extensions?.code);
        const [change] = Object.values(data);
        if (change.cursor) variables.after = change.cursor;
        apply(change);
      },
      error: (reason) => end(reason[0]?.extensions?.code ?? reason.code),
      complete() {},
    });
  }
}
