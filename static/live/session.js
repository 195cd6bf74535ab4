// The signed-in session of this tab. Tokens are stored in sessionStorage and refreshed before they expire.

const STORAGE_KEY = "haat.live";
const REQUEST_MS = 20_000; // a request without an answer fails and is repeated
const REFRESH_EARLY_MS = 90_000; // the server closes a socket up to a minute before its token expires
const SESSION = "session { accessToken refreshToken expiresIn } errors { message }";
const LOG_IN = `mutation ($input: LogInInput!) { logIn(input: $input) { secondFactor { methods } ${SESSION} } }`;
const REFRESH = `mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { ${SESSION} } }`;

export const wait = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

const TEMPORARY = new Set(["INTERNAL", "RATE_LIMITED"]);

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

export async function post(query, variables, headers = {}) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(REQUEST_MS),
  });
  const { data, errors } = await response.json();
  if (!errors) return data;
  throw TEMPORARY.has(errors[0].extensions.code) ? new Error(errors[0].message) : new Refused(errors[0]);
}

export class Session {
  #account;
  #tokens;
  #renewal = null;

  constructor(account) {
    this.#account = account;
    const stored = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "{}");
    this.#tokens = stored.email === account.email ? stored.tokens : null;
  }

  async accessToken() {
    const left = this.#tokens ? this.#tokens.until - Date.now() : 0;
    if (left < REFRESH_EARLY_MS) {
      this.#renewal ??= this.#renew().finally(() => { this.#renewal = null; });
      await this.#renewal;
    }
    return this.#tokens.accessToken;
  }

  // Use the refresh token; without one, log in with the demo account's password.
  async #renew() {
    const refreshToken = this.#tokens?.refreshToken;
    this.#tokens =
      (refreshToken && (await this.#request(REFRESH, { refreshToken }))) ||
      (await this.#request(LOG_IN, this.#account));
    const stored = { email: this.#account.email, tokens: this.#tokens };
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(stored));
  }

  async #request(query, input) {
    const [payload] = Object.values(await retry(() => post(query, { input })));
    if (payload.secondFactor) throw new Refused({ message: "This account has a second factor. Turn it off in GraphiQL." });
    // `expiresAt` would be wrong where this device's clock is.
    return payload.session && { ...payload.session, until: Date.now() + payload.session.expiresIn * 1000 };
  }
}
