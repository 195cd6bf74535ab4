// Notifications: shown once, by the preferences of the user, on their signed-in devices.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApollo } from '../app/apollo.ts';
import { Refused } from '../app/errors.ts';
import { NotificationsDocument } from '../app/generated/graphql.ts';
import { openNotifications, registerDevice, updatePreferences } from '../app/notifications.ts';
import { call, logIn, signedIn, socketOf, seed, voucher } from './seed.ts';

async function client() {
  const session = await signedIn(seed.customer);
  return createApollo(seed.url, session, socketOf(session));
}

async function redeem() {
  const { accessToken } = await logIn(seed.owner);
  const input = { vendorId: seed.vendor, code: voucher.code, idempotencyKey: 'notified' };
  const mutation = 'mutation ($input: RedeemVoucherInput!) { redeemVoucher(input: $input) { outcome } }';
  assert.equal((await call(mutation, { input }, accessToken)).redeemVoucher.outcome, 'APPROVED');
}

test('opened notifications are marked as read', async () => {
  await redeem();
  const apollo = await client();
  const [notification] = await openNotifications(apollo);
  assert.deepEqual([notification?.kind, notification?.readAt], ['VOUCHER_REDEEMED', null]);
  assert.deepEqual(notification?.subject, { __typename: 'Voucher', id: voucher.id });
  const { data } = await apollo.query({ query: NotificationsDocument, fetchPolicy: 'network-only' });
  assert.equal(data?.viewer?.notifications?.unreadCount, 0);
});

test('a device is registered once, however often the app starts', async () => {
  const apollo = await client();
  const first = await registerDevice(apollo, 'a:token:of:FCM', 'ANDROID');
  assert.equal(await registerDevice(apollo, 'a:token:of:FCM', 'ANDROID'), first);
  await assert.rejects(registerDevice(apollo, 'no token', 'WEB'), Refused);
});

test('preferences keep the omitted fields', async () => {
  const apollo = await client();
  const night = { startsAt: '22:00', endsAt: '07:30', timeZone: 'Asia/Kolkata' };
  await updatePreferences(apollo, { quietHours: night });
  const kept = await updatePreferences(apollo, { choices: [{ kind: 'MESSAGE_RECEIVED', channel: 'MAIL', allowed: false }] });
  assert.deepEqual(kept.quietHours, { __typename: 'QuietHours', ...night });
  assert.deepEqual(kept.choices.filter(({ allowed }) => !allowed).map(({ kind, channel }) => [kind, channel]), [
    ['MESSAGE_RECEIVED', 'MAIL'],
  ]);
  assert.equal((await updatePreferences(apollo, { quietHours: null })).quietHours, null);
});
