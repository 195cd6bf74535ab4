// Apollo and a server with TRUSTED_DOCUMENTS: the code was generated with a manifest, which the server loaded.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { gql } from '@apollo/client';
import { createApollo } from '../../app/apollo.ts';
import { hashOf, requestBody } from '../../app/documents.ts';
import { accepted, faults } from '../../app/errors.ts';
import {
  ClaimOfferDocument,
  LogInDocument,
  OffersDocument,
  RedeemVoucherDocument,
  RefreshSessionDocument,
  TillChangesDocument,
  type LogInMutation,
} from '../../app/generated/graphql.ts';
import { offerList } from '../../app/pages.ts';
import { Session } from '../../app/session.ts';
import { createSocket } from '../../app/socket.ts';
import { claim } from '../../app/claim.ts';
import { seed, Seen, spied, storage, until, voucher } from '../seed.ts';

const realFetch = globalThis.fetch;
afterEach(() => void (globalThis.fetch = realFetch));

async function signIn(email: string) {
  const input = { email, password: seed.password };
  const headers = { 'content-type': 'application/json' };
  const body = requestBody(LogInDocument, { input });
  const { data } = await (await fetch(seed.url, { method: 'POST', headers, body })).json();
  const session = new Session(seed.url, storage());
  session.keep(accepted((data as LogInMutation).logIn).session!);
  return session;
}

async function client(email: string) {
  const session = await signIn(email);
  const frames: any[] = [];
  const socket = createSocket(seed.url, session);
  const subscribe: typeof socket.subscribe = (payload, sink) => (frames.push(payload), socket.subscribe(payload, sink));
  return { session, frames, apollo: createApollo(seed.url, session, { ...socket, subscribe }) };
}

test('hashes have the prefix of the generator', () => {
  assert.match(hashOf(OffersDocument) ?? '', /^sha256:[0-9a-f]{64}$/);
});

test('a query is sent by hash, and its pages are cached', async () => {
  const { apollo } = await client(seed.customer);
  const sent = spied();
  const pages = offerList(apollo, { vendorId: seed.vendor }, 3);
  const watching = pages.list.subscribe({});
  await until(() => pages.offers().length === 3);
  await pages.more();
  assert.equal(pages.offers().length, 6);
  watching.unsubscribe();
  assert.deepEqual(sent.map(({ query }) => query), [undefined, undefined]);
  assert.equal(sent[0].extensions.persistedQuery.sha256Hash, hashOf(OffersDocument));
});

test('a mutation is sent by hash, and updates the cache', async () => {
  const { apollo } = await client(seed.customer);
  const { data } = await apollo.query({ query: OffersDocument, variables: { where: { vendorId: seed.vendor } } });
  const { id, remaining } = data!.offers.edges[3]!.node;
  const sent = spied();
  await claim(apollo, id, crypto.randomUUID());
  assert.equal(sent[0].query, undefined);
  assert.equal(sent[0].extensions.persistedQuery.sha256Hash, hashOf(ClaimOfferDocument));
  const cached = (apollo.cache.extract() as Record<string, any>)[`Offer:${id}`];
  assert.equal(cached?.remaining, remaining! - 1);
});

test('a subscription is sent by hash', async (context) => {
  const { apollo, frames } = await client(seed.owner);
  const seen = new Seen<string | undefined>();
  const running = apollo
    .subscribe({ query: TillChangesDocument, variables: { vendorId: seed.vendor } })
    .subscribe(({ data, error }) => {
      assert.equal(error, undefined);
      seen.add(data?.vendorRedemptions.redemption?.id);
    });
  context.after(() => running.unsubscribe());
  for (let tries = 0; seen.all.length === 0 && tries < 100; tries += 1) {
    const input = { vendorId: seed.vendor, code: voucher.code, idempotencyKey: crypto.randomUUID() };
    await apollo.mutate({ mutation: RedeemVoucherDocument, variables: { input } });
    await new Promise((done) => setTimeout(done, 100));
  }
  await seen.first(1);
  assert.equal(frames[0].query, '');
  assert.equal(frames[0].extensions.persistedQuery.sha256Hash, hashOf(TillChangesDocument));
});

test('a session is refreshed by hash', async () => {
  const { session } = await client(seed.customer);
  const { accessToken } = session.tokens!;
  const sent = spied();
  const next = await session.renew(accessToken);
  assert.ok(next && next !== accessToken);
  assert.equal(sent[0].documentId, hashOf(RefreshSessionDocument));
});

test('a document that is not in the manifest is refused, over HTTP and over the socket', async () => {
  const { apollo } = await client(seed.owner);
  const refused = (error: unknown) => (assert.deepEqual(faults(error), ['PERSISTED_QUERY_NOT_FOUND']), true);
  await assert.rejects(apollo.query({ query: gql`query { viewer { email } }` }), refused);
  const ends = new Seen<unknown>();
  const query = gql`subscription ($id: ID!) { vendorRedemptions(vendorId: $id) { cursor } }`;
  const running = apollo.subscribe({ query, variables: { id: seed.vendor } }).subscribe(({ error }) => ends.add(error));
  refused((await ends.first(1))[0]);
  running.unsubscribe();
});
