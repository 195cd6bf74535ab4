"use strict";

// The session of a demo account in browser mode: an HTTP-only cookie, which no script can read.
// Each account has a cookie of its own, so that several tabs can show several users.

(() => {
  const ENDPOINT = "/graphql";
  const TIMEOUT_MS = 20_000;
  const OUTDATED = new Set(["CSRF_TOKEN_WRONG", "UNAUTHENTICATED"]);
  const STATE = "{ viewer { email role csrfToken activeRole { admin } vendors { id } } }";
  const LOG_IN = `mutation ($input: LogInInput!) {
    logIn(input: $input) { secondFactor { methods } errors { message code } }
  }`;
  const SWITCH = `mutation ($input: SwitchRoleInput!) {
    switchRole(input: $input) { errors { message code } }
  }`;

  // Whether nothing was executed, because the cookie is no longer the one of the token.
  async function isOutdated(response) {
    if (!response.headers.get("content-type")?.includes("json")) return false;
    const { errors } = await response.clone().json().catch(() => ({}));
    return OUTDATED.has(errors?.[0]?.extensions?.code);
  }

  // An error that a retry would not change.
  const refused = ({ message, code }) => Object.assign(new Error(message), { code, isFinal: true });

  globalThis.BrowserSession = class {
    #account;
    #mode;
    #token = null;
    #opening = null;

    // `slot` is the number of the cookie, 0 to 9.
    constructor({ email, password }, slot) {
      this.#account = { email, password };
      this.#mode = slot ? `cookie-${slot}` : "cookie";
    }

    // Sign in, unless the cookie is of this account already, and act in its role.
    async open() {
      this.#opening ??= this.#open().finally(() => { this.#opening = null; });
      return this.#opening;
    }

    async connectionParams() {
      await this.open(); // another tab may have renewed the cookie
      return { csrfToken: this.#token, session: this.#mode };
    }

    // `fetch` in browser mode. If the cookie has changed meanwhile, the request is sent once more.
    async fetch(url, init) {
      if (!this.#token) await this.open();
      const response = await this.#fetch(url, init, this.#token);
      if (!(await isOutdated(response))) return response;
      await this.open();
      return this.#fetch(url, init, this.#token);
    }

    #fetch(url, init, token) {
      const headers = new Headers(init.headers);
      headers.set("haat-session", this.#mode);
      if (token) headers.set("haat-csrf", token);
      return fetch(url, { ...init, headers });
    }

    async #open() {
      let viewer = await this.#viewer();
      if (viewer?.email !== this.#account.email) {
        const { secondFactor } = await this.#mutate(LOG_IN, this.#account, null);
        if (secondFactor) throw refused({ message: "This account has a second factor. Turn it off first." });
        viewer = await this.#viewer();
      }
      const admin = viewer.role === "ADMIN";
      if (!viewer.activeRole && (admin || viewer.vendors.length > 0)) {
        const role = admin ? { admin } : { vendorId: viewer.vendors[0].id };
        await this.#mutate(SWITCH, role, viewer.csrfToken);
        viewer = await this.#viewer();
      }
      this.#token = viewer.csrfToken;
    }

    async #viewer() {
      const { data, errors } = await this.#post(STATE, {}, null);
      if (errors && errors[0].extensions.code !== "UNAUTHENTICATED") throw new Error(errors[0].message);
      return data?.viewer ?? null;
    }

    async #mutate(query, input, token) {
      const { data, errors } = await this.#post(query, { input }, token);
      if (errors) throw new Error(errors[0].message);
      const [payload] = Object.values(data);
      if (payload.errors.length) throw refused(payload.errors[0]);
      return payload;
    }

    async #post(query, variables, token) {
      const response = await this.#fetch(ENDPOINT, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }, token);
      return response.json();
    }
  };
})();
