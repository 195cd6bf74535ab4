// urql: its cache of documents, its auth exchange, errors, and subscriptions.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { pipe, subscribe } from 'wonka';
import {
  ClaimOfferDocument,
  LikeOfferDocument,
  OffersDocument,
  type OffersQuery,
  OneOfferDocument,
  TillChangesDocument,
  ViewerDocument,
} from '../app/generated/graphql.ts';
import { createUrql } from '../app/urql.ts';
import { present, presentUntil, Seen, signedIn, socketOf, spied, stale, seed } from './seed.ts';

const where = { vendorId: seed.vendor };
const realFetch = globalThis.fetch;
afterEach(() => void (globalThis.fetch = realFetch));

async function client() {
  const session = await signedIn(seed.customer);
  return createUrql(seed.url, session, socketOf(session));
}

test('a mutation refetches the queries that it may affect', async () => {
  const urql = await client();
  const remaining = new Seen<number | null | undefined>();
  const list = urql.query(OffersDocument, { where, first: 3 });
  const shown = list.subscribe(({ data, stale }) => {
    if (!stale) remaining.add(data?.offers.edges[0]?.node.remaining);
  });
  await remaining.first(1);
  const offerId = seed.offers[0]!;
  const input = { offerId, idempotencyKey: crypto.randomUUID() };
  const { data } = await urql.mutation(ClaimOfferDocument, { input });
  assert.deepEqual(data?.claimOffer.errors, []);
  assert.deepEqual(await remaining.first(2), [100, 99]);
  shown.unsubscribe();
});

test('pages continue after a cursor', async () => {
  const urql = await client();
  const ids: string[] = [];
  let page: OffersQuery['offers']['pageInfo'] | undefined;
  while (page?.hasNextPage ?? true) {
    const { data } = await urql.query(OffersDocument, { where, first: 3, after: page?.endCursor });
    ids.push(...data!.offers.edges.map((edge) => edge.node.id));
    page = data!.offers.pageInfo;
  }
  assert.deepEqual(ids, seed.offers);
});

test('an ended token is refreshed once for many requests', async () => {
  const session = await stale(seed.customer);
  const urql = createUrql(seed.url, session, socketOf(session));
  const sent = spied();
  const input = { offerId: seed.offers[1]! };
  const [viewer, liked] = await Promise.all([
    urql.query(ViewerDocument, {}),
    urql.mutation(LikeOfferDocument, { input }),
  ]);
  assert.equal(viewer.data?.viewer?.email, seed.customer);
  assert.equal(liked.data?.likeOffer.offer?.likedByMe, true);
  assert.equal(sent.filter((body) => body.query.includes('Refresh')).length, 1);
});

test('a fault has its code', async () => {
  const urql = await client();
  const { error } = await urql.query(OneOfferDocument, { id: 'no id' });
  assert.deepEqual(error?.graphQLErrors.map((one) => one.extensions.code), ['BAD_USER_INPUT']);
});

test('queries are sent by GET, as is the default of urql', async () => {
  const urql = new Client({ url: seed.url, exchanges: [cacheExchange, fetchExchange], preferGetMethod: true });
  const sent = spied();
  const { data } = await urql.query(OneOfferDocument, { id: seed.offers[0]! });
  assert.equal(data?.offer?.id, seed.offers[0]);
  assert.ok(sent[0] instanceof URL);
});

test('a subscription resumes after its last cursor', async () => {
  const session = await signedIn(seed.owner);
  const socket = socketOf(session);
  const urql = createUrql(seed.url, session, socket);
  const seen = new Seen<string | undefined>();
  const { unsubscribe } = pipe(
    urql.subscription(TillChangesDocument, { vendorId: seed.vendor }),
    subscribe(({ data }) => seen.add(data?.vendorRedemptions.redemption?.id)),
  );
  await presentUntil((id) => seen.all.includes(id));
  const before = seen.all.length;
  socket.terminate();
  const ids = [await present(), await present()];
  await seen.first(before + 2);
  assert.deepEqual(seen.all.slice(before), ids);
  unsubscribe();
});
