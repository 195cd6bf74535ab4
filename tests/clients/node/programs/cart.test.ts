// The cart: without an account, merged at the sign-in, and followed on another device.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApolloClient } from '@apollo/client';
import { createApollo } from '../app/apollo.ts';
import { DeviceCart } from '../app/cart.ts';
import { Refused } from '../app/errors.ts';
import { CartDocument } from '../app/generated/graphql.ts';
import { Session } from '../app/session.ts';
import { logIn, pause, seed, signedIn, socketOf, storage, until } from './seed.ts';

const [mug, plate] = seed.variants as [string, string];

test('an anonymous cart is kept by its token, and merged at the sign-in', async () => {
  const session = new Session(seed.url, storage());
  const kept = storage();
  const cart = new DeviceCart(createApollo(seed.url, session, socketOf(session)), kept);
  assert.equal(await cart.show(), null);
  const key = crypto.randomUUID();
  await cart.add(mug, 2, crypto.randomUUID());
  for (let tries = 0; tries < 2; tries += 1) await cart.add(plate, 1, key);
  assert.equal((await cart.show())?.unitCount, 3);
  const again = new DeviceCart(createApollo(seed.url, session, socketOf(session)), kept);
  assert.equal((await again.show())?.unitCount, 3);
  await assert.rejects(cart.set(mug, 1_000), Refused);

  session.keep(await logIn(seed.customer));
  assert.deepEqual(await cart.signedIn(), []);
  assert.deepEqual(await cart.signedIn(), []);
  const own = await cart.show();
  assert.deepEqual(
    own?.vendorGroups.map((group) => group.lines.map((line) => [line.variantId, line.quantity])),
    [[[mug, 2], [plate, 1]]],
  );
});

test('another device follows the cart', async (context) => {
  const session = await signedIn(seed.customer);
  const [first, second] = [0, 1].map(() => createApollo(seed.url, session, socketOf(session))) as [
    ApolloClient,
    ApolloClient,
  ];
  const ends: unknown[] = [];
  context.after(new DeviceCart(first, storage()).follow((error) => ends.push(error)));
  const units = () => first.readQuery({ query: CartDocument, variables: { cartToken: null } })?.cart?.unitCount ?? 0;
  const cart = new DeviceCart(second, storage());
  for (let tries = 1; units() === 0 && tries < 50; tries += 1) {
    await cart.set(plate, tries);
    await pause(200);
  }
  await until(() => units() > 0);
  assert.deepEqual(ends, []);
});
