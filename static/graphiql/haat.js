"use strict";

(() => {
  const ENDPOINT = "/graphql";
  const SOCKET = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${ENDPOINT}`;
  const PING_MS = 10_000;
  const ANSWER_MS = 5_000;

  const data = document.getElementById("haat-data");
  const { tabs, accounts } = JSON.parse(data.textContent);
  const address = new URL(location.href);
  const notice = document.getElementById("notice");
  const buttons = document.querySelectorAll("[data-account]");

  // GraphiQL's dialogs add style elements, which need the page's nonce.
  window.__webpack_nonce__ = data.nonce;

  // --- Sessions -------------------------------------------------------------

  // A signed-in or anonymous caller, with its own socket. Its session is a cookie, so the page keeps no token.
  class Identity {
    constructor(account) {
      this.account = account;
      this.session = account && new BrowserSession(account, accounts.indexOf(account));
      let watchdog;
      const heard = () => clearTimeout(watchdog);
      this.socket = graphqlWs.createClient({
        url: SOCKET,
        connectionParams: () => this.session?.connectionParams() ?? {},
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
        // A header of the caller, such as `Authorization`, takes the place of the session.
        fetch: (url, init) => (this.session && !new Headers(init.headers).has("authorization")
          ? this.session.fetch(url, init)
          : fetch(url, init)),
      });
    }
  }

  let current;
  let settled;

  function become(account) {
    current?.socket.dispose();
    current = new Identity(account);
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.account === (account?.email ?? "")));
    }
    document.title = `${account ? account.name : "GraphiQL"} · Haat`;
    if (account) address.searchParams.set("as", account.email);
    else address.searchParams.delete("as");
    history.replaceState(null, "", address);
  }

  async function choose(account) {
    notice.textContent = "";
    become(account);
    if (!account) return;
    const chosen = current;
    try {
      await chosen.session.open();
    } catch (error) {
      if (chosen !== current) return;
      become(null);
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

  const wanted = address.searchParams.get("as") ?? "";
  const account = accounts.find(({ email }) => email.toLowerCase() === wanted.toLowerCase());
  settled = choose(account);
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
