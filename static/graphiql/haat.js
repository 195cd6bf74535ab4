"use strict";

(() => {
  const ENDPOINT = "/graphql";
  const SOCKET = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${ENDPOINT}`;
  const STORED = "haat.session";
  const MARGIN_MS = 30_000;
  const PING_MS = 10_000;
  const ANSWER_MS = 5_000;
  const LOG_IN_MS = 15_000;

  const data = document.getElementById("haat-data");
  const { tabs, accounts } = JSON.parse(data.textContent);
  const address = new URL(location.href);
  const notice = document.getElementById("notice");
  const buttons = document.querySelectorAll("[data-account]");

  // GraphiQL's dialogs add style elements, which need the page's nonce.
  window.__webpack_nonce__ = data.nonce;

  // --- Sessions -------------------------------------------------------------

  const LOG_IN = `mutation ($email: String!, $password: String!) {
    logIn(input: {email: $email, password: $password}) {
      session { accessToken refreshToken expiresIn }
      secondFactor { methods }
      errors { message }
    }
  }`;

  const REFRESH = `mutation ($refreshToken: String!) {
    refreshSession(input: {refreshToken: $refreshToken}) {
      session { accessToken refreshToken expiresIn }
      errors { message }
    }
  }`;

  async function requestSession(query, variables) {
    const response = await fetch(ENDPOINT, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(LOG_IN_MS), // the page waits for it
    });
    const result = await response.json().catch(() => ({}));
    const [payload] = Object.values(result.data ?? {});
    // `expiresAt` would be wrong where this device's clock is.
    if (payload?.session) return { ...payload.session, until: Date.now() + payload.session.expiresIn * 1000 };
    if (payload?.secondFactor) throw new Error("this account has a second factor; use confirmSecondFactor and a header");
    const [error] = result.errors ?? payload?.errors ?? [];
    throw new Error(error?.message ?? `the server returned ${response.status}`);
  }

  // A signed-in or anonymous caller, with its tokens and its own socket.
  class Identity {
    constructor(account, session) {
      this.account = account;
      this.session = session;
      let watchdog;
      const heard = () => clearTimeout(watchdog);
      this.socket = graphqlWs.createClient({
        url: SOCKET,
        connectionParams: () => this.credentials(),
        keepAlive: PING_MS,
        on: {
          // A connection can be lost without a close frame; then pings have no answer.
          ping: (received) => {
            if (!received) watchdog = setTimeout(() => this.socket.terminate(), ANSWER_MS);
          },
          message: heard,
          closed: heard,
        },
      });
      this.fetcher = GraphiQL.createFetcher({
        url: ENDPOINT,
        wsClient: this.socket,
        enableIncrementalDelivery: false,
        fetch: (url, init) => this.send(url, init),
      });
    }

    async send(url, init) {
      const headers = new Headers(await this.credentials());
      for (const [name, value] of Object.entries(init.headers)) headers.set(name, value);
      return fetch(url, { ...init, headers });
    }

    async credentials() {
      if (!this.account) return {};
      const left = this.session ? this.session.until - Date.now() : 0;
      if (left < MARGIN_MS) await this.renew();
      return { authorization: `Bearer ${this.session.accessToken}` };
    }

    renew() {
      this.renewal ??= this.renewed()
        .then((session) => {
          this.session = session;
          if (this === current) remember(this);
        })
        .finally(() => { this.renewal = null; });
      return this.renewal;
    }

    async renewed() {
      const { email, password } = this.account;
      if (this.session) {
        try {
          return await requestSession(REFRESH, { refreshToken: this.session.refreshToken });
        } catch {
          this.session = null;
        }
      }
      return requestSession(LOG_IN, { email, password });
    }
  }

  function remember({ account, session }) {
    sessionStorage.setItem(STORED, JSON.stringify({ email: account.email, session }));
  }

  function remembered() {
    try {
      return JSON.parse(sessionStorage.getItem(STORED)) ?? {};
    } catch {
      return {};
    }
  }

  let current;
  let settled;

  function become(account, session) {
    current?.socket.dispose();
    current = new Identity(account, session);
    sessionStorage.removeItem(STORED);
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.account === (account?.email ?? "")));
    }
    document.title = `${account ? account.name : "GraphiQL"} · Haat`;
    if (account) address.searchParams.set("as", account.email);
    else address.searchParams.delete("as");
    history.replaceState(null, "", address);
  }

  async function choose(account, session = null) {
    notice.textContent = "";
    become(account, session);
    if (!account) return;
    const chosen = current;
    try {
      await chosen.renew();
    } catch (error) {
      if (chosen !== current) return;
      become(null, null);
      notice.textContent = `Could not log in as ${account.name}: ${error.message}`;
    }
  }

  // Right after switching tabs, GraphiQL still sends the previous tab's operation name.
  function upToDate(params, options) {
    try {
      const documentAST = GraphiQL.GraphQL.parse(params.query);
      const names = documentAST.definitions
        .filter(({ kind }) => kind === "OperationDefinition")
        .map(({ name }) => name?.value);
      const operationName = names.includes(params.operationName) ? params.operationName : names[0];
      return [{ ...params, operationName }, { ...options, documentAST }];
    } catch {
      return [params, options];
    }
  }

  async function fetcher(params, options) {
    let waited;
    do {
      waited = settled;
      await waited;
    } while (waited !== settled);
    return current.fetcher(...upToDate(params, options));
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      settled = choose(accounts.find(({ email }) => email === button.dataset.account));
    });
  }

  const stored = remembered();
  const wanted = address.searchParams.get("as") ?? stored.email ?? "";
  const account = accounts.find(({ email }) => email.toLowerCase() === wanted.toLowerCase());
  settled = choose(account, account?.email === stored.email ? stored.session : null);
  if (wanted && !account) notice.textContent = `There is no account ${wanted}.`;

  // --- Tabs -----------------------------------------------------------------

  // Tabs are not persisted, so that the prepared ones always open first;
  // theme, history and layout are stored for the next visit.
  const asked = (address.searchParams.get("tab") ?? "").toLowerCase();
  const opened = Math.max(0, tabs.findIndex(({ title }) => title.toLowerCase() === asked));
  const page = new Map([
    ["graphiql:query", tabs[opened]?.query ?? ""],
    ["graphiql:variables", tabs[opened]?.variables ?? ""],
    ["graphiql:operationName", ""],
    ["graphiql:tabState", JSON.stringify({
      activeTabIndex: opened,
      tabs: tabs.map(({ title, query, variables }, index) => ({
        id: `ready-${index}`, title, query, variables,
        headers: null, operationName: null, response: null,
      })),
    })],
  ]);
  const ofThePage = (key) => page.has(key);

  const storage = {
    getItem: (key) => (ofThePage(key) ? page.get(key) : localStorage.getItem(key)),
    setItem: (key, value) => (ofThePage(key) ? page.set(key, value) : localStorage.setItem(key, value)),
    removeItem: (key) => (ofThePage(key) ? page.set(key, null) : localStorage.removeItem(key)),
    clear: () => localStorage.clear(),
    get length() { return localStorage.length; },
  };

  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    React.createElement(GraphiQL, {
      fetcher,
      storage,
      defaultQuery: "",
      defaultEditorToolsVisibility: "variables",
      shouldPersistHeaders: false,
      plugins: [GraphiQLPluginExplorer.explorerPlugin()],
    }),
  );
})();
