// Checks tickets in on one list: with a network by the server, without one by the bundle, and sends the latter later.

import { Refused } from "../live/session.js";
import { openBundle, readRecords, readTicket } from "./bundle.js";
import { decide, passed } from "./decide.js";
import { nextSeq } from "./device.js";

const TRIES = 2;
const TRY_MS = 2_000;
const CALL_MS = 20_000;
const BEAT_MS = 5_000; // between tries to reach the server
const BUNDLE_EVERY_MS = 60_000;
const SYNC_SIZE = 100;
const [MAX_TOKEN, MAX_CODE] = [1_000, 100];
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const KEYS = "/.well-known/jwks.json";
const CHECK_IN = `mutation ($input: CheckInInput!) {
  checkIn(input: $input) {
    scan { reason shown scannedTicketType { name } attendee }
    errors { message code }
  }
}`;
const SYNC = `mutation ($input: SyncScansInput!) {
  syncScans(input: $input) { scans { scanId anomaly } errors { message code } }
}`;
const BUNDLE = `query ($listId: ID!, $key: String!, $since: String) {
  scannerBundle(listId: $listId, scannerKey: $key, since: $since) { content }
}`;

export class Gate {
  #calls;
  #store;
  #device;
  #listId;
  #changed;
  #online = true;
  #catchingUp = null; // what no scan waits for
  #fetchedAt = 0;
  #last = Promise.resolve();
  #beat;

  // `changed` is called with the state of the gate after each change, and with an error that ends a call for good.
  constructor(calls, store, device, listId, changed) {
    this.#calls = calls;
    this.#store = store;
    this.#device = device;
    this.#listId = listId;
    this.#changed = changed;
    this.#beat = setInterval(() => this.catchUp(), BEAT_MS);
    this.catchUp();
  }

  close() {
    clearInterval(this.#beat);
    this.#changed = () => {};
    this.#catchingUp?.abort();
  }

  // Check a ticket in or out. Returns the light that decides, and a null one if nothing can.
  async present({ text, isToken, leaves, gateId }) {
    const shown = isToken || TOKEN.test(text) ? { token: text.slice(0, MAX_TOKEN) } : { code: text.slice(0, MAX_CODE) };
    this.#catchingUp?.abort();
    return this.#inTurn(async () => {
      const seq = await nextSeq(this.#store, this.#device.vendorId);
      const scan = { scanId: crypto.randomUUID(), seq, scannedAt: new Date().toISOString(), gateId, ...shown };
      scan.direction = leaves ? "EXIT" : "ENTRY";
      return (this.#online && await this.#checkIn(scan)) || this.#decide(scan);
    });
  }

  // Send what was scanned without a network, then fetch what has changed. A scan ends it, and it starts over later.
  async catchUp() {
    if (this.#catchingUp) return;
    const stop = new AbortController();
    this.#catchingUp = stop;
    try {
      await this.#inTurn(() => this.#exchange(stop.signal));
      this.#online = true;
      await this.#tell();
    } catch (error) {
      if (stop.signal.aborted) return;
      this.#online = error instanceof Refused;
      await this.#tell(this.#online ? error : null);
    } finally {
      this.#catchingUp = null;
    }
  }

  async #exchange(stop) {
    await this.#sync(stop);
    await this.#calls.ask("{ __typename }", {}, within(stop));
    if (Date.now() - this.#fetchedAt > BUNDLE_EVERY_MS) await this.#fetch(stop);
  }

  // One call at a time, so that the server gets the scans in their order.
  #inTurn(work) {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #tell(error = null) {
    const { vendorId, privateKey } = this.#device;
    const scans = (await this.#store.all("scan")).filter((one) => one.vendorId === vendorId);
    const door = await this.#store.get("door", this.#listId);
    const bundle = !privateKey || !door ? "none" : door.exp * 1_000 <= Date.now() ? "expired" : "fresh";
    this.#changed({ online: this.#online, waiting: scans.length, bundle, error });
  }

  // Return null without an answer.
  async #checkIn(scan) {
    const input = { listId: this.#listId, scannerKey: this.#device.key, ...scan };
    for (let tries = 0; tries < TRIES; tries += 1) {
      try {
        const { scan: found } = await this.#calls.change(CHECK_IN, input, AbortSignal.timeout(TRY_MS));
        if (found.shown === "GREEN") await this.#note(scan);
        return { light: found.shown, reason: found.reason, type: found.scannedTicketType?.name, attendee: found.attendee };
      } catch (error) {
        if (error instanceof Refused) throw error;
      }
    }
    this.#online = false;
    return null;
  }

  // Note what the server has let through, for a decision without it.
  async #note(scan) {
    const door = await this.#store.get("door", this.#listId);
    const { short } = door && scan.token ? await readTicket(scan.token, door.keys) : {};
    if (!short) return;
    await this.#store.change(async ({ ticket: tickets }) => {
      const known = await tickets.get([this.#listId, short]);
      if (known) tickets.put(passed(known, scan.direction === "EXIT", Date.now()));
    });
  }

  // Decide by the bundle, and keep the scan. Without one, and for a typed code, there is no light.
  async #decide(scan) {
    const door = await this.#store.get("door", this.#listId);
    if (!scan.token || !door) {
      await this.#tell();
      return { light: null, reason: scan.token ? "NO_BUNDLE" : "TYPED" };
    }
    const { vendorId } = this.#device;
    const shown = await readTicket(scan.token, door.keys);
    const decided = await this.#store.change(async ({ ticket: tickets, scan: scans }) => {
      const known = shown.short && await tickets.get([this.#listId, shown.short]);
      const found = shown.reason ? shown : decide(door, shown, known, { leaves: scan.direction === "EXIT", now: Date.now() });
      const { reason, after } = found;
      if (after) tickets.put({ ...after, listId: this.#listId, vendorId });
      const light = after ? "GREEN" : "RED";
      const sent = { ...scan, shown: light, reason: after ? null : reason };
      scans.put({ scanId: scan.scanId, vendorId, listId: this.#listId, sent });
      return { light, reason, type: door.types[known?.type]?.name, attendee: null };
    });
    await this.#tell();
    return { ...decided, offline: true };
  }

  // Send scans. One whose answer is lost is sent again, and stored once.
  async #sync(stop) {
    const { vendorId, key } = this.#device;
    let waiting = (await this.#store.all("scan")).filter((one) => one.vendorId === vendorId);
    if (waiting.length) this.#fetchedAt = 0; // what they have changed is in the next bundle
    while (waiting.length) {
      const { listId } = waiting[0];
      const batch = waiting.filter((one) => one.listId === listId).slice(0, SYNC_SIZE);
      const scans = batch.map(({ sent }) => sent);
      const input = { listId, scannerKey: key, clock: new Date().toISOString(), scans };
      await this.#calls.change(SYNC, input, within(stop));
      await this.#store.change((tables) => batch.forEach(({ scanId }) => tables.scan.delete(scanId)));
      waiting = waiting.filter((one) => !batch.includes(one));
    }
  }

  async #fetch(stop) {
    const { key, privateKey, id } = this.#device;
    if (!privateKey) return;
    const { keys } = await (await fetch(KEYS, { signal: within(stop) })).json();
    for (let more = true; more;) {
      const since = (await this.#store.get("door", this.#listId))?.cursor ?? null;
      const { scannerBundle } = await this.#calls.ask(BUNDLE, { listId: this.#listId, key, since }, within(stop));
      const claims = await openBundle(scannerBundle.content, privateKey, id, keys);
      await this.#keep(claims);
      more = claims.more;
    }
    this.#fetchedAt = Date.now();
  }

  // Keep a bundle in one transaction with its cursor. All scans were sent before, so it knows what this device has done.
  async #keep({ tickets: packed, ...door }) {
    const kept = { listId: this.#listId, vendorId: this.#device.vendorId };
    await this.#store.change(({ ticket: tickets, door: doors }) => {
      if (door.full) tickets.delete(IDBKeyRange.bound([this.#listId], [this.#listId, []]));
      for (const record of readRecords(packed)) tickets.put({ ...record, ...kept });
      doors.put({ ...door, ...kept });
    });
  }
}

const within = (stop) => AbortSignal.any([stop, AbortSignal.timeout(CALL_MS)]);
