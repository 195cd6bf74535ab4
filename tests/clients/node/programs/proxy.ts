// A TCP proxy in front of the server, which can lose connections in two ways.

import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { seed } from './seed.ts';

export class Proxy {
  readonly #open = new Set<Socket>();
  readonly #silent = new WeakSet<Socket>();
  readonly #server = createServer((client) => this.#join(client));
  url = '';

  static async start(context: TestContext): Promise<Proxy> {
    const proxy = new Proxy();
    await new Promise<void>((done) => proxy.#server.listen(0, '127.0.0.1', done));
    const { port } = proxy.#server.address() as AddressInfo;
    proxy.url = `http://127.0.0.1:${port}/graphql`;
    context.after(() => {
      proxy.#server.close();
      proxy.cut();
    });
    return proxy;
  }

  /** Closes all connections without a close frame. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** Leaves all connections open, and drops their bytes from now on. New ones work. */
  swallow(): void {
    for (const socket of this.#open) this.#silent.add(socket);
  }

  #join(client: Socket): void {
    const { hostname, port } = new URL(seed.url);
    const server = connect(Number(port), hostname);
    const pairs: [Socket, Socket][] = [[client, server], [server, client]];
    for (const [from, to] of pairs) {
      this.#open.add(from);
      from.on('data', (bytes) => void (this.#silent.has(from) || to.write(bytes)));
      from.on('close', () => {
        this.#open.delete(from);
        if (!this.#silent.has(from)) to.destroy();
      });
      from.on('error', () => {});
    }
  }
}
