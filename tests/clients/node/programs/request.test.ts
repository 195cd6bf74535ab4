// graphql-request: queries, refusals, faults and languages, with nothing around them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientError } from 'graphql-request';
import {
  ClaimOfferDocument,
  CreateOfferDocument,
  OfferByLocaleDocument,
  OneOfferDocument,
  ThingsDocument,
  ViewerDocument,
  type CreateOfferInput,
} from '../app/generated/graphql.ts';
import { createRequest } from '../app/request.ts';
import { Session } from '../app/session.ts';
import { signedIn, storage, seed, voucher } from './seed.ts';

const as = async (email: string, language?: string) =>
  createRequest(seed.url, await signedIn(email), language);
const coded = (code: string) => (error: unknown) => {
  assert.ok(error instanceof ClientError);
  assert.deepEqual(error.response.errors?.map(({ extensions }) => extensions.code), [code]);
  return true;
};

test('a signed-in user is the viewer', async () => {
  const { viewer } = await (await as(seed.customer)).request(ViewerDocument);
  assert.equal(viewer?.email, seed.customer);
});

test('nodes of several types are returned by id, in order', async () => {
  const ids = [voucher.id, seed.vendor, seed.offers[0]!];
  const { nodes } = await (await as(seed.customer)).request(ThingsDocument, { ids });
  assert.deepEqual(nodes.map((node) => node?.__typename), ['Voucher', 'Vendor', 'Offer']);
  const { nodes: hidden } = await (await as(seed.owner)).request(ThingsDocument, { ids: seed.offers });
  assert.deepEqual(hidden.map((node) => node?.id), seed.offers);
});

test('a refusal is data, a fault is thrown', async () => {
  const client = await as(seed.customer);
  const input = { offerId: seed.offers[0]!, idempotencyKey: crypto.randomUUID() };
  const first = await client.request(ClaimOfferDocument, { input });
  assert.deepEqual(first.claimOffer.errors, []);
  const next = { ...input, idempotencyKey: crypto.randomUUID() };
  const refused = await client.request(ClaimOfferDocument, { input: next });
  assert.equal(refused.claimOffer.errors[0]?.code, 'CLAIM_LIMIT_REACHED');
  await assert.rejects(client.request(OneOfferDocument, { id: 'no id' }), coded('BAD_USER_INPUT'));
  const anonymous = createRequest(seed.url, new Session(seed.url, storage()));
  await assert.rejects(anonymous.request(ClaimOfferDocument, { input }), coded('UNAUTHENTICATED'));
});

test('a discount is exactly one kind, for the compiler and for the server', async () => {
  const client = await as(seed.owner);
  const given = {
    vendorId: seed.vendor,
    title: [{ locale: 'en', text: 'Two teas' }],
    startsAt: '2030-01-01T00:00:00Z',
    endsAt: '2030-02-01T00:00:00+05:30',
  };
  const amount = { amountMinor: '12345', currency: 'INR' };
  const input: CreateOfferInput = { ...given, discount: { amount } };
  const { createOffer } = await client.request(CreateOfferDocument, { input });
  const discount = createOffer.offer?.discount;
  assert.ok(discount?.__typename === 'AmountDiscount');
  assert.equal(discount.amount.decimal, '123.45');

  // @ts-expect-error Two kinds at once.
  const both: CreateOfferInput = { ...given, discount: { amount, percent: 10 } };
  await assert.rejects(client.request(CreateOfferDocument, { input: both }), coded('BAD_USER_INPUT'));
});

test('text is returned in the requested language', async () => {
  const { offer } = await (await as(seed.customer, 'hi')).request(OfferByLocaleDocument, {
    id: seed.offers[0]!,
  });
  assert.match(offer!.title, /कॉफ़ी/);
});
