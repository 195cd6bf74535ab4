// The API: questions by HTTP, changes by one WebSocket that comes back and goes on where it was.

import { insist, post, Refused, wait } from "./session.js";

const SILENCE_MS = 5_000;

// A key for what must happen once. (`crypto.randomUUID` is missing on pages that came by plain http.)
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export class Wire {
  #session;
  #socket;
  #tell;

  constructor(session, tell) {
    this.#session = session;
    this.#tell = tell;
    let silence;
    let asked = 0; // when a server that restarts asks to be called again
    this.#socket = globalThis.graphqlWs.createClient({
      url: new URL("/graphql", location.href).href.replace(/^http/, "ws"),
      connectionParams: async () => ({ authorization: `Bearer ${await session.accessToken()}` }),
      retryAttempts: Infinity,
      shouldRetry: () => true,
      retryWait: (tries) => wait(asked || Math.min(250 * 2 ** tries, 5_000) * (0.5 + Math.random())),
      keepAlive: 10_000,
      on: {
        connected: () => tell("live"),
        closed: ({ reason }) => {
          asked = 1_000 * (/^retry in ([\d.]+) s$/.exec(reason)?.[1] ?? 0);
          tell("reconnecting");
        },
        ping: (received) => {
          if (!received) silence = setTimeout(() => this.#socket.terminate(), SILENCE_MS);
        },
        pong: (received) => {
          if (received) clearTimeout(silence);
        },
      },
    });
  }

  async ask(query, variables) {
    const token = await this.#session.accessToken();
    return post(query, variables, { authorization: `Bearer ${token}` });
  }

  // The payload of a mutation; throws what was refused.
  async change(query, input) {
    const [payload] = Object.values(await this.ask(query, { input }));
    if (payload.errors.length) throw new Refused(payload.errors[0]);
    return payload;
  }

  // Change it as soon as there is a server; null if it is refused.
  async attempt(query, input) {
    return insist(() => this.change(query, input)).catch(() => null);
  }

  // Load the state, then apply each change behind its cursor, and begin again if those are gone.
  follow(load, query, apply) {
    let stop = () => {};
    let stopped = false;
    const end = (code) => (code === "CURSOR_EXPIRED" ? begin() : this.#tell("ended", code));
    const begin = () => insist(load).then((variables) => {
      if (!stopped) stop = this.watch(query, variables, apply, end);
    }, ({ code }) => end(code));
    begin();
    return () => {
      stopped = true;
      stop();
    };
  }

  // graphql-ws sends the same variables when it connects again, so `after` moves along in them.
  watch(query, variables, apply, end = (code) => this.#tell("ended", code)) {
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
