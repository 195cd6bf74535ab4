// Requests of this tab, in the session of its account: a cookie, so that no script can read a token.

const REQUEST_MS = 20_000; // a request without an answer fails and is repeated

export const wait = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

const TEMPORARY = new Set(["INTERNAL", "RATE_LIMITED", "UNAVAILABLE"]);

// A permanent failure; retrying would not help.
export class Refused extends Error {
  constructor({ message, code, extensions }) {
    super(message);
    this.code = code ?? extensions?.code;
  }
}

// Retry with backoff until the server responds. Only `Refused` is final; other errors are outages.
export async function retry(attempt) {
  for (let attempts = 0; ; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Refused) throw error;
      await wait(Math.min(500 * 2 ** attempts, 5_000) * (0.5 + Math.random()));
    }
  }
}

async function send(session, init) {
  try {
    return await session.fetch("/graphql", init);
  } catch (error) {
    throw error.isFinal ? new Refused(error) : error;
  }
}

// A caller that cannot wait as long passes a signal.
export async function post(session, query, variables, signal = AbortSignal.timeout(REQUEST_MS)) {
  const response = await send(session, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
    signal,
  });
  const { data, errors } = await response.json();
  if (!errors) return data;
  throw TEMPORARY.has(errors[0].extensions.code) ? new Error(errors[0].message) : new Refused(errors[0]);
}
