// Each component of the guide, rendered against the server.

import assert from 'node:assert/strict';
import { afterEach, test, type TestContext } from 'node:test';
import { window } from './dom.ts';
import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from '../../app/App.tsx';
import { createApollo } from '../../app/apollo.ts';
import { hydrate } from '../../app/browser.tsx';
import { sendMessage } from '../../app/chat.ts';
import { accepted } from '../../app/errors.ts';
import { StartConversationDocument, ViewerDocument } from '../../app/generated/graphql.ts';
import { Inbox } from '../../app/Inbox.tsx';
import { OfferList } from '../../app/OfferList.tsx';
import { Redemptions } from '../../app/Redemptions.tsx';
import { offersPage } from '../../app/ssr.tsx';
import { Thread } from '../../app/Thread.tsx';
import { pause, presentUntil, seed, signedIn, socketOf, spied, until, voucher } from '../seed.ts';

const realFetch = globalThis.fetch;
afterEach(() => void (globalThis.fetch = realFetch));

async function render(context: TestContext, email: string, children: ReactNode) {
  const session = await signedIn(email);
  const socket = socketOf(session);
  const client = createApollo(seed.url, session, socket);
  const place = document.body.appendChild(document.createElement('div'));
  const root = createRoot(place);
  root.render(<App client={client} session={session} signIn={() => 'Sign in'}>{children}</App>);
  context.after(() => (root.unmount(), place.remove(), socket.terminate()));
  const text = () => place.textContent!;
  const button = (name: string) => [...place.querySelectorAll('button')].find((one) => one.textContent === name);
  return { session, socket, client, place, text, button };
}

async function conversation(client: ReturnType<typeof createApollo>) {
  const input = { vendorId: seed.vendor };
  const { data } = await client.mutate({ mutation: StartConversationDocument, variables: { input } });
  return accepted(data?.startConversation).conversation!.id;
}

/** Drops the answer of the next operation with this name. */
function loseAnswer(name: string): any[] {
  let lost = false;
  return spied((body) => {
    if (body?.operationName !== name || lost) return;
    lost = true;
    throw new TypeError('the network went away');
  });
}

test('offers are listed page by page, and claimed once', async (context) => {
  const page = await render(context, seed.customer, <OfferList where={{ vendorId: seed.vendor }} first={4} />);
  const cards = () => page.place.querySelectorAll('li');
  await until(() => cards().length === 4);
  page.button('More offers')!.click();
  await until(() => cards().length === seed.offers.length);
  assert.equal(page.button('More offers'), undefined);

  const card = cards()[3]!;
  const sent = loseAnswer('ClaimOffer');
  card.querySelector('button')!.click();
  await until(() => /Your code: \w/.test(card.textContent!));
  assert.match(card.textContent!, /99 left/);
  const keys = sent.filter(({ operationName }) => operationName === 'ClaimOffer').map(({ variables }) => variables.input.idempotencyKey);
  assert.deepEqual(keys, [keys[0], keys[0]]);
  card.querySelector('button')!.click();
  await until(() => !/Your code/.test(card.textContent!));
  assert.match(card.querySelector('output')!.textContent!, /\w/, 'the refusal is shown');
});

test('a claim without an answer keeps its key for the next press', async (context) => {
  const page = await render(context, seed.customer, <OfferList where={{ vendorId: seed.vendor }} />);
  await until(() => page.place.querySelectorAll('li').length === seed.offers.length);
  const card = page.place.querySelectorAll('li')[2]!;
  const keys = new Set<string>();
  globalThis.fetch = async (to, init) => {
    const body = JSON.parse(String(init?.body));
    if (body.operationName === 'ClaimOffer') keys.add(body.variables.input.idempotencyKey);
    throw new TypeError('the network went away');
  };
  card.querySelector('button')!.click();
  await until(() => /no answer/.test(card.textContent!), 25);
  globalThis.fetch = realFetch;
  const sent = spied();
  card.querySelector('button')!.click();
  await until(() => /Your code/.test(card.textContent!));
  assert.deepEqual([...keys], [sent[0].variables.input.idempotencyKey]);
});

test('a thread loads older messages, shows new ones, and sends', async (context) => {
  const owner = await render(context, seed.owner, null);
  const client = createApollo(seed.url, ...(await customer()));
  const id = await conversation(client);
  for (let number = 1; number <= 33; number += 1) await sendMessage(client, id, `Number ${number}.`, crypto.randomUUID());

  const page = await render(context, seed.customer, <Thread conversationId={id} />);
  const shown = () => [...page.place.querySelectorAll('li')].map((one) => one.textContent!);
  await until(() => shown().length === 30);
  assert.match(shown()[0]!, /Number 4\./);
  page.button('Older messages')!.click();
  await until(() => shown().length === 33);
  assert.match(shown()[0]!, /Number 1\./);
  await until(() => page.button('Older messages') === undefined);

  await pause(500); // the subscription has started
  await sendMessage(owner.client, id, 'Welcome!', crypto.randomUUID());
  await until(() => shown().length === 34);
  const input = page.place.querySelector('input')!;
  const sent = loseAnswer('SendMessage');
  input.value = 'Thank you';
  page.place.querySelector('form')!.requestSubmit();
  await until(() => shown().some((text) => /: Thank you$/.test(text)));
  await until(() => page.button('Send again') === undefined);
  assert.equal(shown().filter((text) => text.includes('Thank you')).length, 1);
  assert.ok(sent.length > 0);
});

async function customer() {
  const session = await signedIn(seed.customer);
  return [session, socketOf(session)] as const;
}

test('the inbox lists a new conversation, and its last message and count change by themselves', async (context) => {
  const client = createApollo(seed.url, ...(await customer()));
  const opened: string[] = [];
  const page = await render(context, seed.owner, <Inbox open={(id) => opened.push(id)} />);
  await pause(500);
  const id = await conversation(client);
  await sendMessage(client, id, 'Anyone there?', crypto.randomUUID());
  await until(() => /Anyone there\? \(\d+\)/.test(page.text()));
  await sendMessage(client, id, 'Hello?', crypto.randomUUID());
  await until(() => /Hello\? \(\d+\)/.test(page.text()));
  const { data } = await client.query({ query: ViewerDocument });
  assert.ok(page.text().includes(`${data!.viewer!.name}: Hello?`), 'a member sees the customer');
  page.place.querySelector('li button')!.dispatchEvent(new window.MouseEvent('click', { bubbles: true }));
  assert.deepEqual(opened, [id]);
});

test('the main file signs in, shows the offers, and signs out', async (context) => {
  const place = document.body.appendChild(document.createElement('main'));
  context.after(() => place.remove());
  place.id = 'app';
  place.dataset.api = seed.url;
  const form = () => place.querySelector('form');
  const fill = (name: string, value: string) => ((form()!.elements.namedItem(name) as HTMLInputElement).value = value);
  await import('../../app/main.tsx');
  await until(() => form() !== null);
  fill('email', seed.customer);
  fill('password', 'not this one');
  form()!.requestSubmit();
  await until(() => Boolean(place.querySelector('[role=alert]')?.textContent));
  fill('password', seed.password);
  form()!.requestSubmit();
  await until(() => /Coffee 6/.test(place.textContent!));
  const sent = spied();
  [...place.querySelectorAll('button')].find((one) => one.textContent === 'Sign out')!.click();
  await until(() => form() !== null);
  await until(() => sent.some(({ operationName }) => operationName === 'LogOut'));
});

test('redemptions appear as they happen', async (context) => {
  const page = await render(context, seed.owner, <Redemptions vendorId={seed.vendor} />);
  await presentUntil(() => /Coffee \d+: approved/.test(page.text()), voucher.code);
});

test('a session that ends in another tab shows the sign-in page and clears the cache', async (context) => {
  const page = await render(context, seed.customer, <OfferList where={{ vendorId: seed.vendor }} />);
  await until(() => page.place.querySelectorAll('li').length > 0);
  window.dispatchEvent(new window.StorageEvent('storage', { key: 'haat.session', newValue: null }));
  await until(() => page.text() === 'Sign in');
  await until(() => (page.client.cache.extract() as Record<string, unknown>).ROOT_QUERY === undefined);
});

test('a page rendered on a server is hydrated without a request, then personal', async (context) => {
  const answer = await offersPage(seed.url, 'en');
  assert.match(answer.headers.get('cache-control')!, /public/);
  const html = await answer.text();
  assert.match(html, /Coffee 6/);
  assert.doesNotMatch(html, /Bearer|accessToken/);
  const parsed = new window.DOMParser().parseFromString(html, 'text/html');
  document.body.replaceChildren(...parsed.body.childNodes);
  const wrong: unknown[] = [];
  const { error } = console;
  console.error = (...all) => void wrong.push(all);
  context.after(() => void (console.error = error));
  const session = await signedIn(seed.customer);
  const sent = spied();
  const root = hydrate(createApollo(seed.url, session, socketOf(session)), session);
  context.after(() => root.unmount());
  await until(() => sent.length > 0);
  await pause(300);
  assert.deepEqual(sent.map(({ operationName }) => operationName), ['Offers']);
  assert.match(document.body.textContent!, /Coffee 6/);
  assert.deepEqual(wrong, []);
});
