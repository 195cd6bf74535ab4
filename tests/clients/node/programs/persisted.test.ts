// Apollo's persisted-query link: a document is sent once, and then only its hash.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { persistedHttp } from '../app/persisted.ts';
import { spied, seed } from './seed.ts';

const client = () => new ApolloClient({ cache: new InMemoryCache(), link: persistedHttp(seed.url) });

test('an unknown document is sent with its hash, and later only the hash', async () => {
  const sent = spied();
  const query = gql`query ($id: ID!) { new${crypto.randomUUID().slice(0, 8)}: offer(id: $id) { id } }`;
  const asked = { query, variables: { id: seed.offers[0]! } };
  const first = await client().query<any>(asked);
  const again = await client().query<any>(asked);
  assert.deepEqual(Object.values(first.data), Object.values(again.data));
  assert.equal(sent.length, 3);
  const [unknown, whole, known] = sent;
  assert.ok(unknown instanceof URL && !unknown.searchParams.has('query'));
  assert.match(whole.query ?? whole.searchParams.get('query'), /offer/);
  assert.ok(known instanceof URL && !known.searchParams.has('query'));
  assert.match(known.searchParams.get('extensions')!, /sha256Hash/);
});
