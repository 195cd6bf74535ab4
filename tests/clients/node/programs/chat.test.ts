// Two users chat: each message is shown to the other once, and its receipt is updated.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApollo } from '../app/apollo.ts';
import { sendMessage, watchThread } from '../app/chat.ts';
import { accepted, Refused } from '../app/errors.ts';
import {
  InboxDocument,
  MarkReadDocument,
  StartConversationDocument,
  ThreadDocument,
  type MessageCardFragment,
} from '../app/generated/graphql.ts';
import { signedIn, socketOf, seed, until } from './seed.ts';

const onEnd = (error: unknown) => assert.fail(String(error));

async function signIn(email: string) {
  const session = await signedIn(email);
  const socket = socketOf(session);
  return { socket, client: createApollo(seed.url, session, socket) };
}

async function started() {
  const customer = await signIn(seed.customer);
  const owner = await signIn(seed.owner);
  const input = { vendorId: seed.vendor };
  const { data } = await customer.client.mutate({ mutation: StartConversationDocument, variables: { input } });
  return { customer, owner, id: accepted(data?.startConversation).conversation!.id };
}

test('a message sent twice under one id is shown once, also after a reconnection', async () => {
  const { customer, owner, id } = await started();
  let shown: MessageCardFragment[] = [];
  const { stop } = watchThread(owner.client, id, { shown: (all) => (shown = all), onEnd });
  const first = crypto.randomUUID();
  const said = await sendMessage(customer.client, id, 'Is there a table?', first);
  assert.deepEqual(await sendMessage(customer.client, id, 'Is there a table?', first), said);
  await until(() => shown.length === 1);
  owner.socket.terminate();
  await sendMessage(customer.client, id, 'For two', crypto.randomUUID());
  await until(() => shown.length === 2);
  assert.deepEqual(shown.map(({ text, sequence }) => [text, sequence]), [['Is there a table?', 1], ['For two', 2]]);
  assert.equal(shown[0]!.clientMessageId, first);
  await assert.rejects(sendMessage(customer.client, id, 'Something else', first), (error) => {
    assert.ok(error instanceof Refused);
    assert.deepEqual(error.reasons.map(({ code }) => code), ['MESSAGE_ID_REUSED']);
    return true;
  });
  stop();
});

test('reading clears the unread count and publishes a receipt', async () => {
  const { customer, owner, id } = await started();
  const { sequence } = await sendMessage(customer.client, id, 'Hello', crypto.randomUUID());
  const inbox = await owner.client.query({ query: InboxDocument });
  assert.ok(inbox.data?.viewer?.unreadMessages);

  const thread = await customer.client.query({ query: ThreadDocument, variables: { conversationId: id } });
  assert.equal(thread.data?.conversation?.readByVendor, 0);
  const { stop } = watchThread(customer.client, id, { shown: () => {}, onEnd });
  const input = { conversationId: id, sequence };
  const { data } = await owner.client.mutate({ mutation: MarkReadDocument, variables: { input } });
  assert.equal(accepted(data?.markRead).conversation?.unreadMessages, 0);
  const read = () =>
    customer.client.readQuery({ query: ThreadDocument, variables: { conversationId: id } })?.conversation?.readByVendor;
  await until(() => read() === sequence);
  stop();
});
