// An expired token is refreshed once, however many requests and clients notice it.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { createApollo } from '../app/apollo.ts';
import { faults } from '../app/errors.ts';
import { LikeOfferDocument, LogOutDocument, ViewerDocument } from '../app/generated/graphql.ts';
import { Session } from '../app/session.ts';
import { logIn, signedIn, socketOf, spied, stale, storage, seed } from './seed.ts';

const realFetch = globalThis.fetch;
afterEach(() => void (globalThis.fetch = realFetch));
const refreshes = (sent: any[]) => sent.filter((body) => body.query.includes('Refresh')).length;

test('many requests under an ended token cause one refresh, and all succeed', async () => {
  const session = await stale(seed.customer);
  const apollo = createApollo(seed.url, session, socketOf(session));
  const sent = spied();
  const like = { mutation: LikeOfferDocument, variables: { input: { offerId: seed.offers[0]! } } };
  const [viewer, liked, again] = await Promise.all([
    apollo.query({ query: ViewerDocument, fetchPolicy: 'network-only' }),
    apollo.mutate(like),
    apollo.mutate(like),
  ]);
  assert.equal(viewer.data?.viewer?.email, seed.customer);
  assert.equal(liked.data?.likeOffer.offer?.likedByMe, true);
  assert.equal(again.data?.likeOffer.offer?.likeCount, 1);
  assert.equal(refreshes(sent), 1);
});

test('a token about to end is refreshed before it is sent', async () => {
  const kept = storage();
  const session = new Session(seed.url, kept);
  session.keep({ ...(await logIn(seed.customer)), expiresIn: 0 });
  const otherTab = new Session(seed.url, kept);
  const sent = spied();
  const tokens = await Promise.all([session.accessToken(), otherTab.accessToken()]);
  assert.equal(tokens[0], tokens[1]);
  assert.equal(refreshes(sent), 1);
});

test('a session that has ended is forgotten, and the code comes through', async () => {
  const session = await stale(seed.customer);
  let ends = 0;
  session.onEnd(() => (ends += 1));
  const apollo = createApollo(seed.url, session, socketOf(session));
  const { refreshToken } = session.tokens!;
  await apollo.mutate({ mutation: LogOutDocument, variables: { input: { refreshToken } } });
  await assert.rejects(apollo.query({ query: ViewerDocument }), (error) => {
    assert.deepEqual(faults(error), ['UNAUTHENTICATED']);
    return true;
  });
  assert.equal(session.tokens, null);
  assert.equal(ends, 1);
  session.end();
  assert.equal(ends, 1);
});

test('a refresh that is repeated gets the same token, and ends no session', async () => {
  const session = await signedIn(seed.customer);
  const repeated = new Session(seed.url, storage());
  repeated.keep(session.tokens!);
  assert.ok(await session.renew(session.tokens!.accessToken));
  assert.ok(await repeated.renew(repeated.tokens!.accessToken));
  assert.equal(repeated.tokens!.refreshToken, session.tokens!.refreshToken);
  assert.ok(await session.renew(session.tokens!.accessToken));
});

/** Lets each refresh hang until it is aborted; other requests are sent. */
function stall(): void {
  globalThis.fetch = (to, init) =>
    String(init?.body).includes('RefreshSession')
      ? new Promise((_, fail) => init?.signal?.addEventListener('abort', () => fail(init.signal!.reason)))
      : realFetch(to, init);
}

test('a token that is still valid is used while a refresh is stalled', async () => {
  const kept = storage();
  const tokens = await logIn(seed.customer);
  const life = 900_000;
  kept.setItem('haat.session', JSON.stringify({ ...tokens, life, until: Date.now() + 60_000 }));
  const session = new Session(seed.url, kept);
  stall();
  assert.equal(await session.accessToken(), tokens.accessToken);
});

test('a stalled refresh fails, and the next one succeeds in every tab', { timeout: 60_000 }, async () => {
  const kept = storage();
  const tabs = [new Session(seed.url, kept), new Session(seed.url, kept)];
  tabs[0]!.keep({ ...(await logIn(seed.customer)), expiresIn: 0 });
  stall();
  const [first] = await Promise.allSettled([tabs[0]!.accessToken()]);
  assert.equal(first?.status, 'rejected');
  assert.ok(tabs[0]!.tokens, 'a lost network ends no session');
  globalThis.fetch = realFetch;
  const tokens = await Promise.all(tabs.map((tab) => tab.accessToken()));
  assert.ok(tokens[0]);
  assert.equal(tokens[0], tokens[1]);
});

test('a tab that never releases the lock delays another one by seconds', { timeout: 60_000 }, async () => {
  const frozen = Promise.withResolvers<void>();
  void navigator.locks.request('haat.session', () => frozen.promise);
  const session = await stale(seed.customer);
  assert.ok(await session.renew(seed.endedToken));
  frozen.resolve();
});
