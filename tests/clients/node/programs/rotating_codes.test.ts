// Codes made without a network, by the test vectors of scanners.md.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentAt } from '../app/rotating_codes.ts';

const rotationKey = Buffer.from(Array.from({ length: 32 }, (_, one) => one)).toString('base64');
const voucher = { token: 'eyJ0.eyJ2.c2ln', rotatingCode: { rotationKey } };

for (const [time, code, changesAt] of [
  ['2000-01-01T00:00:00Z', 'b58018cc', '2000-01-01T00:00:30.000Z'],
  ['2027-01-04T11:59:59Z', '08dfb25d', '2027-01-04T12:00:00.000Z'],
  ['2027-01-04T12:00:00Z', '15ad79d1', '2027-01-04T12:00:30.000Z'],
  ['2106-02-07T06:28:16Z', 'e6b23f78', '2106-02-07T06:28:30.000Z'],
] as const) {
  test(`the code of ${time}`, async () => {
    const [content, change] = await contentAt(voucher, new Date(time));
    assert.equal(content, `eyJ0.eyJ2.c2ln~${code}`);
    assert.equal(change.toISOString(), changesAt);
  });
}
