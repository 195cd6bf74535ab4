// A crowd that chats while everything is taken away and comes back. Takes lines of JSON:
//
//   { urls, people, resume, pauseMs, cutMs }   begin; each of `people` as person.mjs has it
//   { hush }                                   stop talking and cutting; told when all is answered
//   { lengths, patience, linger }              wait until the logs are so long, and a little more
//                                              for what comes twice; then everything is told
//
// and prints a line of JSON for each when it is done.

import { createInterface } from 'node:readline';
import { Person, pause } from './person.mjs';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const order = async () => JSON.parse((await lines.next()).value);
const tell = (told) => process.stdout.write(JSON.stringify(told) + '\n');

const counted = {};
const count = (what) => (counted[what] = (counted[what] ?? 0) + 1);

process.stdin.on('end', () => process.exit(1)); // nobody is left to tell

let heardAt = null;
let longestSilence = 0;
function heard(now) {
  longestSilence = Math.max(longestSilence, now - (heardAt ?? now));
  heardAt = now;
}

let hush;
const hushed = new Promise((resolve) => (hush = resolve));
const soak = { ...(await order()), count, heard, hushed };
const crowd = soak.people.map((given) => new Person(given, soak));
for (const person of crowd) {
  await pause(10);
  person.start();
}
tell({ started: crowd.length });

await order();
soak.quiet = true;
hush();
await Promise.all(crowd.map(({ talking }) => talking));
tell({ answered: crowd.reduce((sum, { answered }) => sum + answered.length, 0) });

const { lengths, patience, linger } = await order();
const complete = () =>
  crowd.every(({ logs }, i) => logs.every((log, j) => log.length >= lengths[i][j]));
for (const end = Date.now() + patience; !complete() && Date.now() < end; ) await pause(50);
await pause(linger);

tell({ counted, longestSilence, people: crowd.map(({ answered, logs }) => ({ answered, logs })) });
