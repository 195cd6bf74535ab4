// Subscriptions over GraphQLWsLink: missed changes come first, none twice, and the cache is updated.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApollo } from '../app/apollo.ts';
import { faults } from '../app/errors.ts';
import {
  LogOutDocument,
  TillChangesDocument,
  VoucherChangesDocument,
  VoucherDocument,
} from '../app/generated/graphql.ts';
import { watchVoucher } from '../app/live.ts';
import { Session } from '../app/session.ts';
import {
  present,
  presentUntil,
  second,
  Seen,
  signedIn,
  socketOf,
  stale,
  storage,
  seed,
  until,
  voucher,
} from './seed.ts';

async function subscriber(session: Promise<Session>) {
  const socket = socketOf(await session);
  const apollo = createApollo(seed.url, await session, socket);
  const seen = new Seen<string | undefined>();
  const cursors: string[] = [];
  const codes: string[][] = [];
  const subscribe = (after: string | null, ended: (error: unknown) => void = () => {}) =>
    apollo
      .subscribe({ query: TillChangesDocument, variables: { vendorId: seed.vendor, after } })
      .subscribe(({ data, error }) => {
        if (error) ended(error), codes.push(faults(error));
        else if (data?.vendorRedemptions.kind === 'PRESENTED') {
          cursors.push(data.vendorRedemptions.cursor);
          seen.add(data.vendorRedemptions.redemption?.id);
        }
      });
  return { socket, apollo, seen, cursors, codes, subscribe };
}

test('a lost connection resumes after the last cursor', async () => {
  const { socket, seen, cursors, subscribe } = await subscriber(signedIn(seed.owner));
  const running = subscribe(null);
  await presentUntil((id) => seen.all.includes(id));
  const before = seen.all.length;
  socket.terminate();
  const ids = [await present(), await present()];
  await seen.first(before + 2);
  ids.push(await present());
  await seen.first(before + 3);
  assert.deepEqual(seen.all.slice(before), ids);
  running.unsubscribe();

  const later = await subscriber(signedIn(seed.owner));
  const again = later.subscribe(cursors[before]!);
  assert.deepEqual(await later.seen.first(2), ids.slice(1));
  again.unsubscribe();
});

test('a socket refused for an expired token reconnects with the next one', async () => {
  const session = await stale(seed.owner);
  const { socket, seen, subscribe } = await subscriber(Promise.resolve(session));
  const closes = new Seen<number>();
  socket.on('closed', (event) => closes.add((event as CloseEvent).code));
  const running = subscribe(null);
  assert.deepEqual(await closes.first(1), [4403]);
  await presentUntil((id) => seen.all.includes(id));
  running.unsubscribe();
});

test('a socket is closed for good when its session ends', async () => {
  const session = await signedIn(seed.owner);
  const { apollo, socket, seen, subscribe } = await subscriber(Promise.resolve(session));
  const closes = new Seen<number>();
  socket.on('closed', (event) => closes.add((event as CloseEvent).code));
  const ended = new Seen<unknown>();
  const signedOut = new Seen<null>();
  session.onEnd(() => signedOut.add(null));
  const running = subscribe(null, ended.add);
  await presentUntil((id) => seen.all.includes(id));
  const { refreshToken } = session.tokens!;
  await apollo.mutate({ mutation: LogOutDocument, variables: { input: { refreshToken } } });
  assert.match(String(await ended.first(1)), /4401/);
  assert.equal(closes.all[0], 4401);
  assert.equal(session.tokens, null);
  assert.equal(signedOut.all.length, 1);
  running.unsubscribe();
});

test('a subscriber without access receives the error code', async () => {
  for (const [session, code] of [
    [signedIn(seed.customer), 'NOT_FOUND'],
    [Promise.resolve(new Session(seed.url, storage())), 'UNAUTHENTICATED'],
  ] as const) {
    const { codes, subscribe } = await subscriber(session);
    const running = subscribe(null);
    await until(() => codes.length > 0);
    assert.deepEqual(codes, [[code]]);
    running.unsubscribe();
  }
});

test('a voucher redeemed elsewhere is updated in the cache', async () => {
  const { apollo } = await subscriber(signedIn(seed.customer));
  const shown = new Seen<unknown>();
  const watching = apollo
    .watchQuery({ query: VoucherDocument, variables: { voucherId: voucher.id } })
    .subscribe(({ data }) => shown.add(data?.redemptionStatus?.voucher?.state));
  const cursors = new Seen<string>();
  const stop = watchVoucher(apollo, voucher.id, {
    after: null,
    moved: cursors.add,
    onEnd: (error) => assert.fail(String(error)),
  });
  await until(() => shown.all.at(-1) === 'CLAIMED');
  await presentUntil(() => shown.all.at(-1) === 'REDEEMED', voucher.code);
  assert.ok(cursors.all.length > 0);
  stop();
  watching.unsubscribe();
});

test('an expired cursor refetches the state', async () => {
  const { apollo } = await subscriber(signedIn(seed.customer));
  const variables = { voucherId: second.id, after: seed.expiredCursor };
  const codes = new Seen<string[]>();
  const raw = apollo
    .subscribe({ query: VoucherChangesDocument, variables })
    .subscribe(({ error }) => codes.add(faults(error)));
  assert.deepEqual(await codes.first(1), [['CURSOR_EXPIRED']]);
  raw.unsubscribe();

  const cursors = new Seen<string>();
  const stop = watchVoucher(apollo, second.id, {
    after: seed.expiredCursor,
    moved: cursors.add,
    onEnd: (error) => assert.fail(String(error)),
  });
  const state = () => JSON.stringify(apollo.cache.extract());
  await until(() => state().includes('CLAIMED'));
  await presentUntil(() => cursors.all.length > 0, second.code);
  await until(() => state().includes('REDEEMED'));
  stop();
});
