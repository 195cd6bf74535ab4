// Times of bookings, at the place and for the user, also on days on which clocks change.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byDay, showStart } from '../app/booking_times.ts';

const berlin = 'Europe/Berlin';

test('the own time is shown if it differs', () => {
  const start = { startsAt: '2026-12-03T14:00:00Z', timeZone: berlin };
  assert.deepEqual(showStart(start, 'en-GB', 'America/New_York'), {
    there: '3 Dec 2026, 15:00',
    own: '3 Dec 2026, 09:00',
  });
  assert.equal(showStart(start, 'en-GB', 'Europe/Rome').own, null);
});

test('both readings of an hour that comes twice are slots of their own', () => {
  const starts = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'];
  const slots = starts.map((startsAt) => ({ startsAt, timeZone: berlin }));
  assert.deepEqual(slots.map((slot) => showStart(slot, 'en-GB', berlin).there), [
    '25 Oct 2026, 02:30',
    '25 Oct 2026, 02:30',
  ]);
  assert.equal(byDay(slots, berlin).get('2026-10-25')?.length, 2);
});

test('a slot is on the day of the zone that is asked for', () => {
  const slots = [{ startsAt: '2026-12-03T03:30:00Z', timeZone: 'Asia/Kolkata' }];
  assert.deepEqual([...byDay(slots, 'Asia/Kolkata').keys()], ['2026-12-03']);
  assert.deepEqual([...byDay(slots, 'America/New_York').keys()], ['2026-12-02']);
});
