// The rows that the test created, and functions that every program needs.

import assert from 'node:assert/strict';
import type { Client } from 'graphql-ws';
import { Session, type Tokens } from '../app/session.ts';
import { createSocket } from '../app/socket.ts';

type Seed = {
  url: string;
  /** The stand-in of the payment providers, and the page to which buyers return. */
  payments: string;
  returnUrl: string;
  password: string;
  owner: string;
  customer: string;
  vendor: string;
  /** Latest first. */
  offers: string[];
  variants: string[];
  /** A digital variant without a file. */
  ebook: string;
  vouchers: { id: string; code: string }[];
  registration: { email: string; secret: string; code: string };
  endedToken: string;
  expiredCursor: string;
};

export const seed = JSON.parse(process.env.HAAT_SEED ?? 'null') as Seed;
export const [voucher, second] = seed.vouchers as [Seed['vouchers'][0], Seed['vouchers'][0]];

/** A fake of localStorage. */
export function storage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const kept = new Map<string, string>();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
}

/** Sends a request without a client library, to set up data and to check the server's state. */
export async function call(query: string, variables: object = {}, token = ''): Promise<any> {
  const headers = { 'content-type': 'application/json', authorization: token && `Bearer ${token}` };
  const body = JSON.stringify({ query, variables });
  const { data, errors } = await (await fetch(seed.url, { method: 'POST', headers, body })).json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

export async function logIn(email: string): Promise<Tokens> {
  const { logIn } = await call(
    `mutation ($input: LogInInput!) {
      logIn(input: $input) { session { accessToken refreshToken expiresIn } errors { code } }
    }`,
    { input: { email, password: seed.password } },
  );
  assert.deepEqual(logIn.errors, []);
  return logIn.session;
}

export async function signedIn(email: string): Promise<Session> {
  const session = new Session(seed.url, storage());
  session.keep(await logIn(email));
  return session;
}

/** Returns a session whose access token has expired, although its `expiresIn` has not passed. */
export async function stale(email: string): Promise<Session> {
  const session = new Session(seed.url, storage());
  session.keep({ ...(await logIn(email)), accessToken: seed.endedToken });
  return session;
}

/** Presents a voucher's code, by default an unknown one, at the till. */
export async function present(code = 'UNKNOWN'): Promise<string> {
  owner ??= (await logIn(seed.owner)).accessToken;
  const { redeemVoucher } = await call(
    `mutation ($input: RedeemVoucherInput!) {
      redeemVoucher(input: $input) { redemption { id } errors { code } }
    }`,
    { input: { vendorId: seed.vendor, idempotencyKey: crypto.randomUUID(), code } },
    owner,
  );
  assert.deepEqual(redeemVoucher.errors, []);
  return redeemVoucher.redemption.id;
}
let owner: string | undefined;

/** Presents codes until one is received: a stream does not report when it is live. */
export async function presentUntil(seen: (id: string) => boolean, code?: string): Promise<void> {
  for (let tries = 0; tries < 15; tries += 1) {
    const id = await present(code);
    for (let waits = 0; waits < 20; waits += 1) {
      if (seen(id)) return;
      await pause(50);
    }
  }
  assert.fail('No redemption was received.');
}

/** Records requests as they are sent; `then` receives the response, and drops it by throwing. */
export function spied(then: (body: any, answer: Response) => void = () => {}): any[] {
  const sent: any[] = [];
  const real = globalThis.fetch;
  globalThis.fetch = async (to, init) => {
    const body = JSON.parse(String(init?.body ?? 'null'));
    sent.push(body ?? new URL(String(to)));
    const answer = await real(to, init);
    then(body, answer);
    return answer;
  };
  return sent;
}

/** A list that a test can wait for. */
export class Seen<Thing> {
  readonly all: Thing[] = [];
  readonly add = (thing: Thing): void => void this.all.push(thing);

  async first(count: number, seconds = 15): Promise<Thing[]> {
    await until(() => this.all.length >= count, seconds);
    return this.all.slice(0, count);
  }
}

export async function until(done: () => boolean, seconds = 15): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!done()) {
    assert.ok(Date.now() < end, `Not within ${seconds} s: ${done}`);
    await pause(20);
  }
}

export const pause = (ms: number) => new Promise<void>((go) => setTimeout(go, ms));

export function socketOf(session: Session): Client {
  return createSocket(seed.url, session);
}
