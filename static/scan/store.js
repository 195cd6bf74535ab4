// What the device keeps: its keys, the bundles of its lists, and the scans that were not sent yet.

const STORES = { device: "vendorId", door: "listId", ticket: ["listId", "short"], scan: "scanId" };

export async function openStore() {
  const request = indexedDB.open("haat-scan", 1);
  request.onupgradeneeded = () => {
    for (const [name, keyPath] of Object.entries(STORES)) request.result.createObjectStore(name, { keyPath });
  };
  return new Store(await answer(request));
}

const answer = (request) => new Promise((done, failed) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => failed(request.error);
});

class Store {
  #database;

  constructor(database) {
    this.#database = database;
  }

  async get(name, key) {
    return answer(this.#database.transaction(name).objectStore(name).get(key));
  }

  async all(name) {
    return answer(this.#database.transaction(name).objectStore(name).getAll());
  }

  // Run `work` in one transaction of all stores. It may await nothing but their requests.
  async change(work) {
    const transaction = this.#database.transaction(Object.keys(STORES), "readwrite");
    const ended = new Promise((done, failed) => {
      transaction.oncomplete = done;
      transaction.onabort = () => failed(transaction.error ?? new Error("The device could not store it."));
    });
    const tables = Object.keys(STORES).map((name) => [name, new Table(transaction.objectStore(name))]);
    let result;
    try {
      result = await work(Object.fromEntries(tables));
    } catch (error) {
      ended.catch(() => {});
      transaction.abort();
      throw error;
    }
    await ended;
    return result;
  }
}

class Table {
  #objects;

  constructor(objects) {
    this.#objects = objects;
  }

  get = (key) => answer(this.#objects.get(key));
  all = () => answer(this.#objects.getAll());
  put = (value) => { this.#objects.put(value); };
  delete = (key) => { this.#objects.delete(key); };
}
