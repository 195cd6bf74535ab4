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
  session.keep({ ...(await logIn(seed.customer)), expiresAt: new Date().toISOString() });
  const otherTab = new Session(seed.url, kept);
  const sent = spied();
  const tokens = await Promise.all([session.accessToken(), otherTab.accessToken()]);
  assert.equal(tokens[0], tokens[1]);
  assert.equal(refreshes(sent), 1);
});

test('a session that has ended is forgotten, and the code comes through', async () => {
  const session = await stale(seed.customer);
  const apollo = createApollo(seed.url, session, socketOf(session));
  const { refreshToken } = session.tokens!;
  await apollo.mutate({ mutation: LogOutDocument, variables: { input: { refreshToken } } });
  await assert.rejects(apollo.query({ query: ViewerDocument }), (error) => {
    assert.deepEqual(faults(error), ['UNAUTHENTICATED']);
    return true;
  });
  assert.equal(session.tokens, null);
});

test('a refresh token used twice ends its session', async () => {
  const session = await signedIn(seed.customer);
  const stolen = new Session(seed.url, storage());
  stolen.keep(session.tokens);
  assert.ok(await session.renew(session.tokens!.accessToken));
  assert.equal(await stolen.renew(stolen.tokens!.accessToken), null);
  assert.equal(await session.renew(session.tokens!.accessToken), null);
});
