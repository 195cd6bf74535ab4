// Subscribes with the public client of a transport, and prints each event as a line of JSON.
// The first argument has the options as JSON:
//
//   url, query, variables, transport ("ws" or "sse")
//   tokens    the access token of each connection in turn; the last one is reused
//   resume    start each later connection after the last received cursor
//   retry     the maximum number of reconnections
//   drop      cut the connection without a close frame at random intervals of at most this many
//             milliseconds

import { createClient as overSSE } from 'graphql-sse';
import { createClient as overWS } from 'graphql-ws';
import WebSocket from 'ws';

const options = JSON.parse(process.argv[2]);
const { url, transport, resume, retry = 0, drop = 0 } = options;
const request = { query: options.query, variables: { ...options.variables } };
const tokens = [...(options.tokens ?? [])];
let cursor = null;
let cut = () => {};

const print = (type, more = {}) => process.stdout.write(JSON.stringify({ type, ...more }) + '\n');
const token = () => (tokens.length > 1 ? tokens.shift() : tokens[0]);
const authorization = () => (tokens.length ? { authorization: `Bearer ${token()}` } : {});
const pause = () => new Promise((done) => setTimeout(done, 20));

class Socket extends WebSocket {
  constructor(...all) {
    super(...all);
    cut = () => this.terminate();
  }
}

function fetchToCut(to, init) {
  const control = new AbortController();
  cut = () => control.abort(new TypeError('cut'));
  return fetch(to, { ...init, signal: AbortSignal.any([init.signal, control.signal]) });
}

const socketClient = () =>
  overWS({
    url: url.replace('http', 'ws'),
    webSocketImpl: Socket,
    connectionParams: authorization,
    retryAttempts: retry,
    retryWait: pause,
    shouldRetry: () => true,
    on: {
      connected: () => print('connected'),
      closed: ({ code, reason }) => print('closed', { code, reason }),
    },
  });

const streamClient = () =>
  overSSE({
    url,
    headers: () => ({
      ...authorization(),
      ...(resume && cursor ? { 'last-event-id': cursor } : {}),
    }),
    fetchFn: fetchToCut,
    retryAttempts: retry,
    retry: pause,
    on: { connected: () => print('connected') },
  });

const client = transport === 'ws' ? socketClient() : streamClient();

client.subscribe(request, {
  next(result) {
    for (const change of Object.values(result.data ?? {})) {
      cursor = change?.cursor ?? cursor;
      // graphql-ws sends the same request again when it reconnects.
      if (resume && transport === 'ws') request.variables.after = cursor;
    }
    print('next', result);
  },
  error: (error) => ended('error', Array.isArray(error) ? { errors: error } : described(error)),
  complete: () => ended('complete'),
});

function described(error) {
  return { code: error.code ?? null, message: String(error.reason || error.message || error) };
}

function ended(type, more) {
  print(type, more);
  setTimeout(() => process.exit(0), 50);
}

function cutAtRandom() {
  setTimeout(() => (cut(), cutAtRandom()), Math.random() * drop);
}
if (drop) cutAtRandom();
