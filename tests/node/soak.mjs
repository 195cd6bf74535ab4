// Clients that chat while servers and databases fail and recover. Reads lines of JSON:
//
//   { urls, people, resume, pauseMs, cutMs }   start; each of `people` has the fields of Person
//   { stop }                                   stop sending and cutting; wait for acknowledgements
//   { lengths, patience, linger }              wait until the logs have these lengths, and a little
//                                              longer for duplicates; then report the logs
//
// and prints a line of JSON when each is done.

import { createInterface } from 'node:readline';
import { Person, pause } from './person.mjs';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const order = async () => JSON.parse((await lines.next()).value);
const print = (result) => process.stdout.write(JSON.stringify(result) + '\n');

const counted = {};
const count = (what) => (counted[what] = (counted[what] ?? 0) + 1);

process.stdin.on('end', () => process.exit(1)); // the test has ended

let receivedAt = null;
let longestSilence = 0;
function received(now) {
  longestSilence = Math.max(longestSilence, now - (receivedAt ?? now));
  receivedAt = now;
}

let stop;
const stopped = new Promise((resolve) => (stop = resolve));
const soak = { ...(await order()), count, received, stopped };
const clients = soak.people.map((given) => new Person(given, soak));
for (const person of clients) {
  await pause(10);
  person.start();
}
print({ started: clients.length });

await order();
soak.isStopped = true;
stop();
await Promise.all(clients.map(({ sending }) => sending));
print({ answered: clients.reduce((sum, { answered }) => sum + answered.length, 0) });

const { lengths, patience, linger } = await order();
const complete = () =>
  clients.every(({ logs }, i) => logs.every((log, j) => log.length >= lengths[i][j]));
for (const end = Date.now() + patience; !complete() && Date.now() < end; ) await pause(50);
await pause(linger);

print({ counted, longestSilence, people: clients.map(({ answered, logs }) => ({ answered, logs })) });
