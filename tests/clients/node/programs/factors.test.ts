// Second factors: a passkey and an app are set up, and sign in.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApollo } from '../app/apollo.ts';
import { accepted, Refused } from '../app/errors.ts';
import { addPasskey, answer, confirm, logIn, logInWithPasskey } from '../app/factors.ts';
import { ConfirmTotpDocument, EnableTotpDocument, OwnFactorsDocument, ViewerDocument } from '../app/generated/graphql.ts';
import { Session } from '../app/session.ts';
import { oneTimeCode, SoftAuthenticator } from './authenticator.ts';
import { seed, signedIn, socketOf, storage } from './seed.ts';

const account = (email: string) => ({ email, password: seed.password });

function anonymous() {
  const session = new Session(seed.url, storage());
  return { session, apollo: createApollo(seed.url, session, socketOf(session)) };
}

async function owned(email: string) {
  const session = await signedIn(email);
  return createApollo(seed.url, session, socketOf(session));
}

type Client = ReturnType<typeof anonymous>['apollo'];

async function viewerOf(apollo: Client): Promise<string | undefined> {
  const { data } = await apollo.query({ query: ViewerDocument, fetchPolicy: 'network-only' });
  return data?.viewer?.email ?? undefined;
}

test('a user without a factor is signed in at once', async () => {
  const { apollo, session } = anonymous();
  assert.equal(await logIn(apollo, session, account(seed.customer)), null);
  assert.equal(await viewerOf(apollo), seed.customer);
});

test('a passkey signs in alone, as a second factor, and a recovery code in its place', async () => {
  new SoftAuthenticator(`http://localhost:${new URL(seed.url).port}`).install();
  const owner = await owned(seed.customer);
  const recoveryCodes = await addPasskey(owner, 'Phone');
  assert.equal(recoveryCodes?.length, 10);
  const { data } = await owner.query({ query: OwnFactorsDocument });
  assert.deepEqual(data?.viewer?.factors?.passkeys.map((passkey) => passkey.name), ['Phone']);

  const alone = anonymous();
  await logInWithPasskey(alone.apollo, alone.session);
  assert.equal(await viewerOf(alone.apollo), seed.customer);

  const second = anonymous();
  const step = await logIn(second.apollo, second.session, account(seed.customer));
  assert.deepEqual(step?.methods, ['PASSKEY', 'RECOVERY_CODE']);
  assert.equal(second.session.tokens, null);
  const passkey = await answer(step!.passkeyOptions!);
  await confirm(second.apollo, second.session, { challengeId: step!.challengeId, passkey });
  assert.equal(await viewerOf(second.apollo), seed.customer);

  const third = anonymous();
  const { challengeId } = (await logIn(third.apollo, third.session, account(seed.customer)))!;
  const wrong = confirm(third.apollo, third.session, { challengeId, recoveryCode: 'AAAA-AAAA-AAAA-AAAA' });
  await assert.rejects(wrong, (error: unknown) => {
    assert.ok(error instanceof Refused);
    assert.deepEqual(error.reasons.map((reason) => reason.code), ['FACTOR_WRONG']);
    return true;
  });
  await confirm(third.apollo, third.session, { challengeId, recoveryCode: recoveryCodes![0]! });
  assert.equal(await viewerOf(third.apollo), seed.customer);
});

test('an app for one-time codes is set up, and its next code signs in', async () => {
  const owner = await owned(seed.owner);
  const enabled = accepted((await owner.mutate({ mutation: EnableTotpDocument })).data?.enableTotp);
  assert.match(enabled.uri!, /^otpauth:\/\/totp\//);
  const input = { code: oneTimeCode(enabled.secret!) };
  const confirmed = await owner.mutate({ mutation: ConfirmTotpDocument, variables: { input } });
  assert.equal(accepted(confirmed.data?.confirmTotp).recoveryCodes?.length, 10);

  const { apollo, session } = anonymous();
  const step = await logIn(apollo, session, account(seed.owner));
  assert.deepEqual(step?.methods, ['TOTP', 'RECOVERY_CODE']);
  await confirm(apollo, session, { challengeId: step!.challengeId, totp: oneTimeCode(enabled.secret!, 1) });
  assert.equal(await viewerOf(apollo), seed.owner);
});
