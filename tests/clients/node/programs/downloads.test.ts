// A file is sold, bought and downloaded: one link is one download, however often it is requested.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApollo } from '../app/apollo.ts';
import { DeviceCart } from '../app/cart.ts';
import { Downloads, sellFile } from '../app/downloads.ts';
import { Ordering, refusals } from '../app/ordering.ts';
import { seed, signedIn, socketOf, storage } from './seed.ts';

const HOME = {
  country: 'IN',
  recipient: 'Asha Rao',
  streetLines: ['12 MG Road'],
  city: 'Bengaluru',
  subdivision: 'Karnataka',
  postalCode: '560001',
};
const TEXT = 'The whole book, in plain text.';

async function signIn(email: string) {
  const session = await signedIn(email);
  return createApollo(seed.url, session, socketOf(session));
}

test('a file is bought and downloaded', async () => {
  const owner = await signIn(seed.owner);
  const file = new File([TEXT], 'book.txt', { type: 'text/plain' });
  const asset = await sellFile(owner, seed.ebook, file, crypto.randomUUID());
  assert.deepEqual([asset.assetState, asset.watermark], ['READY', 'NONE']);

  const customer = await signIn(seed.customer);
  const [cart, ordering] = [new DeviceCart(customer, storage()), new Ordering(customer)];
  const filled = await cart.add(seed.ebook, 1, crypto.randomUUID());
  const begun = await ordering.checkOut(filled!.id, 'INR', HOME);
  assert.deepEqual(begun.problems, []);
  const paid = await ordering.useWallet(begun.id, begun.totals!.total.amountMinor);
  const { order } = await ordering.place(paid, crypto.randomUUID());
  assert.equal(order.paymentState, 'PAID');

  const downloads = new Downloads(customer);
  const [line] = await downloads.ofOrder(order.id);
  const [bought] = line!.downloads as [(typeof line.downloads)[0]];
  assert.deepEqual([bought.downloadState, bought.downloadsLeft], ['READY', 3]);
  assert.equal((await downloads.list())[0]!.id, bought.id);

  const url = await downloads.link(bought.id);
  const part = await fetch(url, { headers: { Range: 'bytes=0-8' } });
  assert.deepEqual([part.status, await part.text()], [206, 'The whole']);
  const whole = await fetch(url);
  assert.equal(await whole.text(), TEXT);
  assert.match(whole.headers.get('content-disposition')!, /^attachment; .*book\.txt/);
  assert.equal((await downloads.list())[0]!.downloadsLeft, 2);

  for (let left = 2; left > 0; left -= 1) assert.equal((await fetch(await downloads.link(bought.id))).status, 200);
  await assert.rejects(downloads.link(bought.id), (error) => {
    assert.deepEqual(refusals(error), ['DOWNLOAD_LIMIT']);
    return true;
  });
});
