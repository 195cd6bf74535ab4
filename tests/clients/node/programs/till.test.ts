// The two clients of docs/live.md: they resume, notice silence, and report an end once.

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { watchTill as overEvents } from '../app/till-events.js';
import { watchTill as overSocket } from '../app/till-socket.js';
import { Proxy } from './proxy.ts';
import { call, logIn, pause, present, presentUntil, seed, Seen, until } from './seed.ts';

type Change = { cursor: string; redemption: { id: string } };
const LOG_OUT = 'mutation ($input: LogOutInput!) { logOut(input: $input) { errors { code } } }';

async function watching(context: TestContext, watch: typeof overSocket, url = seed.url) {
  const tokens = await logIn(seed.owner);
  const seen = new Seen<string>();
  const ends = new Seen<unknown>();
  let token: string | null = tokens.accessToken;
  const stop = watch({
    url,
    vendorId: seed.vendor,
    after: null,
    accessToken: async () => token,
    onChange: ({ redemption }: Change) => seen.add(redemption.id),
    onEnd: (code: unknown) => ends.add(code),
  });
  context.after(stop);
  const started = () => presentUntil((id) => seen.all.includes(id));
  const logOut = () => {
    token = null;
    return call(LOG_OUT, { input: { refreshToken: tokens.refreshToken } }, tokens.accessToken);
  };
  const use = (other: string | null) => void (token = other);
  return { seen, ends, stop, started, logOut, use };
}

for (const [name, watch, ended] of [
  ['a socket', overSocket, 4401],
  ['an event stream', overEvents, 'SESSION_ENDED'],
] as const) {
  test(`${name} resumes after a lost connection`, async (context) => {
    const proxy = await Proxy.start(context);
    const till = await watching(context, watch, proxy.url);
    await till.started();
    const before = till.seen.all.length;
    proxy.cut();
    const ids = [await present(), await present()];
    await till.seen.first(before + 2);
    assert.deepEqual(till.seen.all.slice(before), ids);
    assert.deepEqual(till.ends.all, []);
  });

  test(`${name} ends once when the session ends`, async (context) => {
    const till = await watching(context, watch);
    await till.started();
    await till.logOut();
    assert.deepEqual(await till.ends.first(1), [ended]);
    await pause(300);
    assert.equal(till.ends.all.length, 1);
  });

  test(`${name} ends when access is refused, and never after stop`, async (context) => {
    const till = await watching(context, (options) => watch({ ...options, vendorId: seed.offers[0]! }));
    assert.deepEqual(await till.ends.first(1), ['BAD_USER_INPUT']);
    const stopped = await watching(context, watch);
    await stopped.started();
    stopped.stop();
    await pause(300);
    assert.deepEqual(stopped.ends.all, []);
  });
}

test('a silent connection is replaced', { timeout: 60_000 }, async (context) => {
  const proxies = [await Proxy.start(context), await Proxy.start(context)];
  const tills = [await watching(context, overSocket, proxies[0]!.url), await watching(context, overEvents, proxies[1]!.url)];
  for (const till of tills) await till.started();
  for (const proxy of proxies) proxy.swallow();
  const id = await present();
  await until(() => tills.every(({ seen }) => seen.all.includes(id)), 50);
  for (const { seen } of tills) assert.equal(seen.all.filter((one) => one === id).length, 1);
});

test('a socket whose tokens are refused gives up', async (context) => {
  const till = await watching(context, (options) => overSocket({ ...options, accessToken: async () => seed.endedToken }));
  assert.deepEqual(await till.ends.first(1), [4403]);
});
