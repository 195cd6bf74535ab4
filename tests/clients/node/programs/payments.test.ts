// An order is paid by a card: the first one is declined, and the order follows the second.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApollo } from '../app/apollo.ts';
import { DeviceCart } from '../app/cart.ts';
import { follow } from '../app/follow.ts';
import { OrderChangesDocument } from '../app/generated/graphql.ts';
import { Ordering } from '../app/ordering.ts';
import { isPaid, payOrder } from '../app/paying.ts';
import { call, logIn, seed, signedIn, socketOf, storage, until } from './seed.ts';

const HOME = {
  country: 'IN',
  recipient: 'Asha Rao',
  streetLines: ['12 MG Road'],
  city: 'Bengaluru',
  subdivision: 'Karnataka',
  postalCode: '560001',
};
const RETURN_URL = `${seed.returnUrl}?from=checkout`;

/** Pay as the provider's form does, in the buyer's browser. */
async function submit(clientSecret: string, publishableKey: string, card: string): Promise<Response> {
  const [intent] = clientSecret.split('_secret_');
  return fetch(`${seed.payments}/v1/payment_intents/${intent}/confirm`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${publishableKey}` },
    body: new URLSearchParams({ payment_method: card, client_secret: clientSecret, return_url: RETURN_URL }),
  });
}

test('an order is paid by card', async (context) => {
  const session = await signedIn(seed.customer);
  const customer = createApollo(seed.url, session, socketOf(session));
  const [cart, ordering] = [new DeviceCart(customer, storage()), new Ordering(customer)];
  const filled = await cart.add(seed.variants[0]!, 1, crypto.randomUUID());
  const checkout = await ordering.checkOut(filled!.id, 'INR', HOME);
  const { accessToken } = await logIn(seed.customer);
  const { orders } = await call('{ orders(first: 1) { changesAfter } }', {}, accessToken);

  const { order, payment } = await payOrder(customer, {
    checkoutId: checkout.id,
    expectedTotalMinor: checkout.totals!.total.amountMinor,
    provider: 'STRIPE',
    returnUrl: RETURN_URL,
    idempotencyKey: crypto.randomUUID(),
  });
  assert.deepEqual([order!.state, payment!.paymentStatus], ['PENDING', 'OPEN']);
  assert.equal(await isPaid(customer, order!.id), false);

  const [states, ends]: [unknown[], unknown[]] = [[], []];
  context.after(
    follow(customer, {
      subscription: OrderChangesDocument,
      variables: { orderId: order!.id },
      after: orders.changesAfter,
      load: async () => null,
      changed: ({ orderChanges }) => states.push(orderChanges.order?.state),
      ended: (error) => ends.push(error),
    }),
  );
  const { paymentProviders } = await call('{ paymentProviders(currency: "INR") { paymentProvider publishableKey } }');
  const { publishableKey } = paymentProviders.find((one: any) => one.paymentProvider === 'STRIPE');
  const declined = await submit(payment!.clientSecret!, publishableKey, 'pm_card_chargeDeclined');
  assert.equal(declined.status, 402);
  assert.equal(await isPaid(customer, order!.id), false);

  const taken = await submit(payment!.clientSecret!, publishableKey, 'pm_card_visa');
  assert.equal((await taken.json()).status, 'succeeded');
  assert.equal(await isPaid(customer, order!.id), true);
  await until(() => states.includes('CONFIRMED'));
  assert.deepEqual(ends, []);
});
