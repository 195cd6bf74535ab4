// A file is announced, sent and finished; its content decides.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApollo } from '../app/apollo.ts';
import { Refused } from '../app/errors.ts';
import { upload } from '../app/uploads.ts';
import { signedIn, socketOf, seed } from './seed.ts';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

async function client() {
  const session = await signedIn(seed.customer);
  return createApollo(seed.url, session, socketOf(session));
}

test('a picture is uploaded, and can be fetched by its link', async () => {
  const bytes = Buffer.from(PIXEL, 'base64');
  const file = await upload(await client(), new File([bytes], 'tea.jpeg', { type: 'image/png' }));
  assert.deepEqual([file.state, file.width, file.height], ['READY', 1, 1]);
  assert.deepEqual([file.fileName, file.contentType], ['tea.jpeg.png', 'image/png']);
  const fetched = await fetch(file.url!);
  assert.equal(fetched.headers.get('content-type'), 'image/png');
  assert.deepEqual(Buffer.from(await fetched.arrayBuffer()), bytes);
});

test('an HTML page declared as a picture is refused, with a message to show', async () => {
  const page = new File(['<!doctype html><script>1</script>'], 'tea.png', { type: 'image/png' });
  await assert.rejects(upload(await client(), page), (error) => {
    assert.ok(error instanceof Refused);
    assert.deepEqual(error.reasons.map(({ code }) => code), ['UPLOAD_REFUSED']);
    assert.match(error.message, /type/);
    return true;
  });
});
