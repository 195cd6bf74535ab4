// Registering, and entering the code of the mail.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApollo } from '../app/apollo.ts';
import { Refused } from '../app/errors.ts';
import { ViewerDocument } from '../app/generated/graphql.ts';
import { register, resend, verify } from '../app/registration.ts';
import { Session } from '../app/session.ts';
import { seed, socketOf, storage } from './seed.ts';

const { email, secret, code } = seed.registration;

function anonymous() {
  const session = new Session(seed.url, storage());
  return { session, apollo: createApollo(seed.url, session, socketOf(session)) };
}

function refusedWith(expected: string) {
  return (error: unknown) => {
    assert.ok(error instanceof Refused);
    assert.deepEqual(error.reasons.map((reason) => reason.code), [expected]);
    return true;
  };
}

test('a registration returns a secret, and its mail can be sent again', async () => {
  const { apollo } = anonymous();
  const input = { email: `${crypto.randomUUID()}@haat.example`, name: 'Asha', password: 'kitchen-ladder-74-plum' };
  const registrationSecret = await register(apollo, input);
  await resend(apollo, registrationSecret);
  await assert.rejects(register(apollo, { ...input, password: 'password' }), refusedWith('PASSWORD_WEAK'));
});

test('the code of the mail signs in', async () => {
  const { apollo, session } = anonymous();
  const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
  await assert.rejects(verify(apollo, session, secret, wrong), refusedWith('CODE_WRONG'));
  assert.equal(session.tokens, null);
  await verify(apollo, session, secret, code);
  const { data } = await apollo.query({ query: ViewerDocument, fetchPolicy: 'network-only' });
  assert.equal(data?.viewer?.email, email);
  await assert.rejects(verify(apollo, session, secret, code), refusedWith('CODE_ENDED'));
});
