// The socket of the guide: it notices silence, stops with its session, and gives up on refused tokens.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { print } from 'graphql';
import { TillChangesDocument } from '../app/generated/graphql.ts';
import type { Session } from '../app/session.ts';
import { createSocket } from '../app/socket.ts';
import { Proxy } from './proxy.ts';
import { present, presentUntil, seed, Seen, signedIn, stale, until } from './seed.ts';

function followed(url: string, session: Session) {
  const socket = createSocket(url, session);
  const seen = new Seen<string>();
  const closes = new Seen<number>();
  const ends = new Seen<any>();
  socket.on('closed', (event) => closes.add((event as CloseEvent).code));
  const stop = socket.subscribe<any>(
    { query: print(TillChangesDocument), variables: { vendorId: seed.vendor } },
    {
      next: ({ data, errors }) => (errors ? ends.add(errors) : seen.add(data.vendorRedemptions.redemption?.id)),
      error: ends.add,
      complete: () => {},
    },
  );
  return { seen, closes, ends, stop };
}

test('a connection that swallows bytes is replaced, and the change since then arrives once', { timeout: 60_000 }, async (context) => {
  const proxy = await Proxy.start(context);
  const { seen, closes, stop } = followed(proxy.url, await signedIn(seed.owner));
  context.after(stop);
  await presentUntil((id) => seen.all.includes(id));
  proxy.swallow();
  const id = await present();
  await until(() => seen.all.includes(id), 30);
  assert.equal(seen.all.filter((one) => one === id).length, 1);
  assert.deepEqual(closes.all, [4499]);
});

test('a stream without checkpoints is replaced', async (context) => {
  const real = globalThis.setTimeout;
  const sooner = (go: () => void, ms?: number) => real(go, ms === 150_000 ? 500 : ms);
  globalThis.setTimeout = Object.assign(sooner, { __promisify__: real.__promisify__ }) as typeof setTimeout;
  context.after(() => void (globalThis.setTimeout = real));
  const { seen, closes, stop } = followed(seed.url, await signedIn(seed.owner));
  context.after(stop);
  await presentUntil((id) => seen.all.includes(id));
  assert.deepEqual(await closes.first(1), [4499]);
  const id = await present();
  await until(() => seen.all.includes(id));
});

test('a session that ends stops its subscriptions, without another connection', async (context) => {
  const session = await signedIn(seed.owner);
  const ended = new Seen<null>();
  session.onEnd(() => ended.add(null));
  const { seen, ends, stop } = followed(seed.url, session);
  context.after(stop);
  await presentUntil((id) => seen.all.includes(id));
  session.end();
  const [reason] = await ends.first(1);
  assert.equal(reason[0].extensions.code, 'UNAUTHENTICATED');
  assert.equal(ended.all.length, 1);
});

test('a socket whose fresh tokens are refused gives up', async (context) => {
  const session = await stale(seed.owner);
  session.renew = async () => seed.endedToken;
  const { closes, ends, stop } = followed(seed.url, session);
  context.after(stop);
  const [reason] = await ends.first(1);
  assert.equal(reason.code, 4403);
  assert.deepEqual(closes.all, [4403, 4403, 4403]);
});
