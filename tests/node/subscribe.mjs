// Follows one subscription with the public client of its transport, and prints a line of
// JSON for each thing that happens. What to do comes as JSON in the first argument:
//
//   url, query, variables, transport ("ws" or "sse")
//   tokens    the access token of each connection in turn; the last one is kept
//   resume    begin each later connection behind the last cursor seen
//   retry     how often the client may connect anew
//   drop      cut the connection without a word after this many milliseconds at the most,
//             at random, again and again

import { createClient as overSSE } from 'graphql-sse';
import { createClient as overWS } from 'graphql-ws';
import WebSocket from 'ws';

const asked = JSON.parse(process.argv[2]);
const { url, transport, resume, retry = 0, drop = 0 } = asked;
const request = { query: asked.query, variables: { ...asked.variables } };
const tokens = [...(asked.tokens ?? [])];
let cursor = null;
let cut = () => {};

const say = (type, more = {}) => process.stdout.write(JSON.stringify({ type, ...more }) + '\n');
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
      connected: () => say('connected'),
      closed: ({ code, reason }) => say('closed', { code, reason }),
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
    on: { connected: () => say('connected') },
  });

const client = transport === 'ws' ? socketClient() : streamClient();

client.subscribe(request, {
  next(result) {
    for (const change of Object.values(result.data ?? {})) {
      cursor = change?.cursor ?? cursor;
      // graphql-ws sends the same request again when it connects anew.
      if (resume && transport === 'ws') request.variables.after = cursor;
    }
    say('next', result);
  },
  error: (error) => ended('error', Array.isArray(error) ? { errors: error } : described(error)),
  complete: () => ended('complete'),
});

function described(error) {
  return { code: error.code ?? null, message: String(error.reason || error.message || error) };
}

function ended(type, more) {
  say(type, more);
  setTimeout(() => process.exit(0), 50);
}

function cutAtRandom() {
  setTimeout(() => (cut(), cutAtRandom()), Math.random() * drop);
}
if (drop) cutAtRandom();
