// Apollo Client: its cache by id, mutations, pages, and both kinds of errors.

import assert from 'node:assert/strict';
import { afterEach, test, type TestContext } from 'node:test';
import { gql, type ObservableQuery } from '@apollo/client';
import { filter, firstValueFrom } from 'rxjs';
import { createApollo } from '../app/apollo.ts';
import { claim } from '../app/claim.ts';
import { accepted, faults, Refused } from '../app/errors.ts';
import {
  LikeOfferDocument,
  LogInDocument,
  OfferByLocaleDocument,
  OffersDocument,
  OneOfferDocument,
  type OfferWhere,
  ViewerDocument,
} from '../app/generated/graphql.ts';
import { offerList } from '../app/pages.ts';
import { Session } from '../app/session.ts';
import { signedIn, socketOf, spied, storage, seed } from './seed.ts';

const where = { vendorId: seed.vendor };
const realFetch = globalThis.fetch;
afterEach(() => void (globalThis.fetch = realFetch));

/** Waits for a list's first page, and keeps it up to date until the end of the test. */
async function shown(list: ObservableQuery<any, any>, context: TestContext): Promise<void> {
  const watching = list.subscribe({});
  context.after(() => watching.unsubscribe());
  await firstValueFrom(list.pipe(filter(({ dataState }) => dataState === 'complete')));
}

async function client(language?: string) {
  const session = await signedIn(seed.customer);
  return createApollo(seed.url, session, socketOf(session), language);
}

test('a user signs in, and the tokens stay out of the cache', async () => {
  const session = new Session(seed.url, storage());
  const apollo = createApollo(seed.url, session, socketOf(session));
  const anonymous = await apollo.query({ query: ViewerDocument });
  assert.equal(anonymous.data?.viewer, null);
  const { data } = await apollo.mutate({
    mutation: LogInDocument,
    variables: { input: { email: seed.customer, password: seed.password } },
    fetchPolicy: 'no-cache',
  });
  session.keep(accepted(data?.logIn).session!);
  await apollo.resetStore();
  const viewer = await apollo.query({ query: ViewerDocument });
  assert.equal(viewer.data?.viewer?.email, seed.customer);
  assert.doesNotMatch(JSON.stringify(apollo.cache.extract()), /accessToken/);
});

test('an offer of a list is found again by its id, without a request', async () => {
  const apollo = await client();
  const list = await apollo.query({ query: OffersDocument, variables: { where } });
  const known = list.data?.offers.edges[2]?.node;
  const sent = spied();
  const { data } = await apollo.query({ query: OneOfferDocument, variables: { id: known!.id } });
  assert.deepEqual(data?.offer, known);
  assert.equal(sent.length, 0);
});

test('a mutation changes what lists show, by id', async (context) => {
  const apollo = await client();
  const list = apollo.watchQuery({ query: OffersDocument, variables: { where } });
  const first = () => list.getCurrentResult().data!.offers!.edges![0]!.node!;
  await shown(list, context);
  const before = first();
  const sent = spied();
  const { data } = await apollo.mutate({
    mutation: LikeOfferDocument,
    variables: { input: { offerId: before.id! } },
  });
  assert.equal(accepted(data?.likeOffer).offer?.likeCount, 1);
  const voucher = await claim(apollo, before.id!, crypto.randomUUID());
  assert.equal(voucher?.state, 'CLAIMED');
  assert.equal(first().likedByMe, true);
  assert.equal(first().remaining, before.remaining! - 1);
  assert.equal(sent.length, 2);
});

test('pages are appended to one list', async (context) => {
  const apollo = await client();
  const pages = offerList(apollo, where, 3);
  await shown(pages.list, context);
  assert.equal(pages.offers().length, 3);
  assert.equal(await pages.more(), true);
  assert.equal(await pages.more(), true);
  assert.equal(await pages.more(), false);
  assert.deepEqual(pages.offers().map((offer) => offer?.id), seed.offers);
});

test('a list under another filter is another list', async () => {
  const apollo = await client();
  const count = async (where: OfferWhere) =>
    (await apollo.query({ query: OffersDocument, variables: { where } })).data?.offers.edges.length;
  assert.equal(await count({ ...where, likedByMe: true }), 1);
  assert.equal(await count(where), seed.offers.length);
});

test('a refusal is data', async () => {
  const apollo = await client();
  const offerId = seed.offers[1]!;
  await claim(apollo, offerId, crypto.randomUUID());
  await assert.rejects(claim(apollo, offerId, crypto.randomUUID()), (error) => {
    assert.ok(error instanceof Refused);
    assert.deepEqual(error.reasons.map(({ code }) => code), ['CLAIM_LIMIT_REACHED']);
    return true;
  });
});

test('a fault has a code', async () => {
  const apollo = await client();
  const id = seed.vouchers[0]!.id;
  await assert.rejects(apollo.query({ query: OneOfferDocument, variables: { id } }), (error) => {
    assert.deepEqual(faults(error), ['BAD_USER_INPUT']);
    return true;
  });
  const wrong = gql`query { offers { nothing } }`;
  await assert.rejects(apollo.query({ query: wrong }), (error) => {
    assert.deepEqual(faults(error), ['BAD_USER_INPUT']);
    return true;
  });
});

test('a claim whose response is lost is retried, and claims once', async () => {
  const apollo = await client();
  const lost: string[] = [];
  const sent = spied((body) => {
    if (body.operationName === 'ClaimOffer' && lost.length === 0) {
      lost.push(body.variables.input.idempotencyKey);
      throw new TypeError('the network went away');
    }
  });
  const voucher = await claim(apollo, seed.offers[3]!, crypto.randomUUID());
  assert.equal(voucher?.offer.remaining, 99);
  assert.deepEqual(sent.map((body) => body.variables.input.idempotencyKey), [lost[0], lost[0]]);
});

test('a key is for one input', async () => {
  const apollo = await client();
  const key = crypto.randomUUID();
  const first = await claim(apollo, seed.offers[4]!, key);
  const again = await claim(apollo, seed.offers[4]!, key);
  assert.equal(again?.id, first?.id);
  await assert.rejects(claim(apollo, seed.offers[5]!, key), ({ reasons }) => {
    assert.equal(reasons[0].code, 'IDEMPOTENCY_KEY_REUSED');
    return true;
  });
});

test('text is returned in the requested language', async () => {
  const id = seed.offers[0]!;
  const hindi = await client('hi');
  const { data } = await hindi.query({ query: OfferByLocaleDocument, variables: { id } });
  assert.match(data!.offer!.title, /कॉफ़ी/);
  const english = { id, locale: 'en' };
  const asked = await hindi.query({ query: OfferByLocaleDocument, variables: english });
  assert.match(asked.data!.offer!.title, /Coffee/);
  assert.deepEqual(asked.data!.offer!.titles.map(({ locale }) => locale), ['en', 'hi']);
});
