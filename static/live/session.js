// Who is signed in in this tab. Tokens are in sessionStorage and renewed before they end.

const KEPT = "haat.live";
const EARLY_MS = 90_000; // the server closes a socket up to a minute before its token ends
const SESSION = "session { accessToken refreshToken expiresAt } errors { message }";
const LOG_IN = `mutation ($input: LogInInput!) { logIn(input: $input) { ${SESSION} } }`;
const REFRESH = `mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { ${SESSION} } }`;

export const wait = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

const PASSING = new Set(["INTERNAL", "RATE_LIMITED"]);

// An answer that would be the same the next time.
export class Refused extends Error {
  constructor({ message, code, extensions }) {
    super(message);
    this.code = code ?? extensions?.code;
  }
}

// Try until there is an answer: what fails otherwise is a server that is away for a while.
export async function insist(attempt) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Refused) throw error;
      await wait(Math.min(500 * 2 ** tries, 5_000) * (0.5 + Math.random()));
    }
  }
}

export async function post(query, variables, headers = {}) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (!errors) return data;
  throw PASSING.has(errors[0].extensions.code) ? new Error(errors[0].message) : new Refused(errors[0]);
}

export class Session {
  #account;
  #tokens;
  #renewal = null;

  constructor(account) {
    this.#account = account;
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    this.#tokens = kept.email === account.email ? kept.tokens : null;
  }

  async accessToken() {
    const left = this.#tokens ? Date.parse(this.#tokens.expiresAt) - Date.now() : 0;
    if (left < EARLY_MS) {
      this.#renewal ??= this.#renew().finally(() => { this.#renewal = null; });
      await this.#renewal;
    }
    return this.#tokens.accessToken;
  }

  // By the refresh token, which is good once, or else by the demo account's password.
  async #renew() {
    const refreshToken = this.#tokens?.refreshToken;
    this.#tokens =
      (refreshToken && (await this.#asked(REFRESH, { refreshToken }))) ||
      (await this.#asked(LOG_IN, this.#account));
    const kept = { email: this.#account.email, tokens: this.#tokens };
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
  }

  async #asked(query, input) {
    const [payload] = Object.values(await insist(() => post(query, { input })));
    return payload.session;
  }
}
