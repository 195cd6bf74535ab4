// Relay: pages both ways by its own connection handler, refetching by node(id), and live changes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createElement, Suspense } from 'react';
import relay from 'react-relay';
import renderer from 'react-test-renderer';
import { ids, useOfferList } from '../relay/OfferList.ts';
import { likeOffer, tillChanges } from '../relay/operations.ts';
import { useVendorCard } from '../relay/VendorCard.ts';
import { createRelay } from '../app/relay.ts';
import { pause, present, presentUntil, Seen, signedIn, socketOf, seed } from './seed.ts';

const { commitMutation, RelayEnvironmentProvider, requestSubscription } = relay;
const { act, create } = renderer;
(globalThis as any).IS_REACT_ACT_ENVIRONMENT = true;

/** Returns the value of a Relay hook in a component that is mounted until the test ends. */
async function shown<Result>(environment: any, hook: () => Result): Promise<() => Result> {
  let latest: Result | undefined;
  const Part = () => ((latest = hook()), null);
  const children = createElement(Suspense, null, createElement(Part));
  await act(async () => {
    create(createElement(RelayEnvironmentProvider, { environment, children }));
  });
  await settled(() => latest !== undefined);
  return () => latest!;
}

/** React shows nothing before `act` has ended, so it is left and entered again and again. */
async function settled(done: () => boolean): Promise<void> {
  for (let tries = 0; !done(); tries += 1) {
    assert.ok(tries < 500, `Not within 10 s: ${done}`);
    await act(() => pause(20));
  }
}

async function environment(email: string) {
  const session = await signedIn(email);
  const socket = socketOf(session);
  return { socket, relay: createRelay(seed.url, session, socket) };
}

test('a list grows page by page, to its end', async () => {
  const { relay } = await environment(seed.customer);
  const list = await shown(relay, () => useOfferList({ vendorId: seed.vendor, first: 3 }));
  assert.deepEqual(ids(list()), seed.offers.slice(0, 3));
  for (const size of [6, 7]) {
    assert.equal(list().hasNext, true);
    await act(async () => void list().loadNext(3));
    await settled(() => ids(list()).length === size);
  }
  assert.deepEqual(ids(list()), seed.offers);
  assert.equal(list().hasNext, false);
});

test('a list begun in the middle grows both ways', async () => {
  const { relay } = await environment(seed.customer);
  const whole = await shown(relay, () => useOfferList({ vendorId: seed.vendor, first: 7 }));
  const after = whole().data.offers.edges[2]!.cursor;
  const other = await environment(seed.customer);
  const list = await shown(other.relay, () =>
    useOfferList({ vendorId: seed.vendor, first: 2, after }),
  );
  assert.deepEqual(ids(list()), seed.offers.slice(3, 5));
  assert.equal(list().hasPrevious, true);
  await act(async () => void list().loadPrevious(2));
  await settled(() => ids(list()).length === 4);
  await act(async () => void list().loadNext(5));
  await settled(() => ids(list()).length === 6);
  await act(async () => void list().loadPrevious(5));
  await settled(() => ids(list()).length === 7);
  assert.deepEqual(ids(list()), seed.offers);
  assert.equal(list().hasPrevious, false);
  assert.equal(list().hasNext, false);
});

test('an object is refetched by node(id), and its pages continue there', async () => {
  for (let count = 0; count < 3; count += 1) await present();
  const { relay } = await environment(seed.owner);
  const card = await shown(relay, () => useVendorCard(seed.vendor));
  const reasons = () => card().data.redemptions.edges.map(({ node }) => node.reason);
  assert.deepEqual(reasons(), ['UNKNOWN', 'UNKNOWN']);
  await act(async () => void card().loadNext(2));
  await settled(() => reasons().length === 3);
  await present();
  await act(async () => void card().refetch({ first: 10 }, { fetchPolicy: 'network-only' }));
  await settled(() => reasons().length === 4);
});

test('a mutation changes what a list shows, by id', async () => {
  const { relay } = await environment(seed.customer);
  const list = await shown(relay, () => useOfferList({ vendorId: seed.vendor, first: 3 }));
  const first = () => list().data.offers.edges[0]!.node;
  assert.equal(first().likeCount, 0);
  const variables = { input: { offerId: first().id } };
  await act(async () => void commitMutation(relay, { mutation: likeOffer, variables }));
  await settled(() => first().likeCount === 1);
});

test('a subscription resumes after its last cursor', async () => {
  const { relay, socket } = await environment(seed.owner);
  const seen = new Seen<string>();
  const subscription = requestSubscription<any>(relay, {
    subscription: tillChanges,
    variables: { vendorId: seed.vendor },
    onNext: (data) => seen.add(data.vendorRedemptions.redemption.id),
  });
  await presentUntil((id) => seen.all.includes(id));
  const before = seen.all.length;
  socket.terminate();
  const missed = [await present(), await present()];
  await seen.first(before + 2);
  assert.deepEqual(seen.all.slice(before), missed);
  subscription.dispose();
});
