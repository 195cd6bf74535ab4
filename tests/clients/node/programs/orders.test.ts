// An order from the cart to the refund of what was returned: the customer's side, and the vendor's.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApollo } from '../app/apollo.ts';
import { Board } from '../app/board.ts';
import { DeviceCart } from '../app/cart.ts';
import { Ordering, refusals } from '../app/ordering.ts';
import { seed, signedIn, socketOf, storage, until } from './seed.ts';

const [mug, plate] = seed.variants as [string, string];
const HOME = {
  country: 'IN',
  recipient: 'Asha Rao',
  streetLines: ['12 MG Road'],
  city: 'Bengaluru',
  subdivision: 'Karnataka',
  postalCode: '560001',
};

async function signIn(email: string) {
  const session = await signedIn(email);
  return createApollo(seed.url, session, socketOf(session));
}

test('an order is placed, shipped, delivered and returned in part', async (context) => {
  const customer = await signIn(seed.customer);
  const [cart, ordering] = [new DeviceCart(customer, storage()), new Ordering(customer)];
  const board = new Board(await signIn(seed.owner), seed.vendor);
  const ends: unknown[] = [];
  let waiting: Awaited<ReturnType<Board['waiting']>>['nodes'] = [];
  let reads = 0;
  context.after(
    board.follow(
      (parts) => {
        waiting = [...parts];
        reads += 1;
      },
      (error) => ends.push(error),
    ),
  );
  await until(() => reads > 0);

  await cart.add(mug, 2, crypto.randomUUID());
  const filled = await cart.add(plate, 1, crypto.randomUUID());
  const begun = await ordering.checkOut(filled!.id, 'INR', HOME);
  assert.deepEqual(begun.problems, []);
  const paid = await ordering.useWallet(begun.id, begun.totals!.total.amountMinor);
  const { total } = paid.totals!;
  const dearer = { ...paid, totals: { ...paid.totals!, total: { ...total, amountMinor: total.amountMinor + 1 } } };
  await assert.rejects(ordering.place(dearer, crypto.randomUUID()), (error) => {
    assert.deepEqual(refusals(error), ['CART_CHANGED']);
    return true;
  });

  const key = crypto.randomUUID();
  const { order } = await ordering.place(paid, key);
  assert.equal((await ordering.place(paid, key)).order.id, order.id);
  assert.deepEqual([order.state, order.paymentState], ['CONFIRMED', 'PAID']);
  assert.equal((await cart.show())?.unitCount, 0);

  await until(() => waiting.length === 1);
  const [part] = waiting as [(typeof waiting)[0]];
  assert.equal((await board.accept(part.id)).state, 'PREPARING');
  await until(() => waiting.length === 0);
  let cursor: string | null = null;
  const stop = ordering.follow(order.id, null, (seen) => (cursor = seen), (error) => ends.push(error));
  const shipKey = crypto.randomUUID();
  const shipment = await board.ship(part, 'India Post', `EE${Date.now()}IN`, shipKey);
  assert.equal(shipment.suborder.state, 'SHIPPED');
  await ordering.confirmDelivery(part.id);
  await until(() => cursor !== null);
  stop();

  const shown = await ordering.read(order.id);
  const [received] = shown!.suborders as [NonNullable<typeof shown>['suborders'][0]];
  assert.equal(received.state, 'DELIVERED');
  const [line] = received.lines as [(typeof received.lines)[0]];
  const asked = await ordering.requestReturn(part.id, line.id, 1, 'It is broken', crypto.randomUUID());
  assert.equal((await board.acceptReturn(asked.id, 'Send it to our shop.', crypto.randomUUID())).state, 'ACCEPTED');
  assert.equal((await board.receiveReturn(asked.id, false, crypto.randomUUID())).state, 'RECEIVED');

  // The changes since the page was left are sent first.
  let resumed = false;
  context.after(ordering.follow(order.id, cursor, () => (resumed = true), (error) => ends.push(error)));
  await until(() => resumed);
  const refunded = await ordering.read(order.id);
  assert.equal(refunded!.paymentState, 'PART_REFUNDED');
  assert.deepEqual(refunded!.refunds.map((refund) => refund.state), ['SETTLED']);
  assert.deepEqual(ends, []);
});
