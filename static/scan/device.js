// The scanner that a device is for a vendor: registered here with a key pair, or by a key that was copied.

import { makeKeys } from "./bundle.js";

const COUNTED_FROM = Date.UTC(2026, 0);

const REGISTER = `mutation ($input: RegisterScannerInput!) {
  registerScanner(input: $input) { scanner { id } key errors { message code } }
}`;

// Register this device. A browser without X25519 gets no bundles, and scans with a network alone.
export async function register(calls, store, vendorId, name) {
  const keys = await makeKeys().catch(() => ({ publicKey: null, privateKey: null }));
  const { scanner, key } = await calls.change(REGISTER, { vendorId, name, publicKey: keys.publicKey });
  const id = atob(scanner.id).split(":")[1].replaceAll("-", "");
  return keep(store, { vendorId, id, name, key, privateKey: keys.privateKey });
}

// Use the key of a scanner that was registered elsewhere. Only that device can read its bundles.
export async function paste(store, vendorId, key) {
  return keep(store, { vendorId, id: null, name: "A pasted key", key, privateKey: null });
}

async function keep(store, device) {
  // By the time, so that the numbers of a key that comes back are ahead of those that it has used.
  const made = { ...device, seq: Math.floor((Date.now() - COUNTED_FROM) / 1_000) };
  await store.change(({ device: devices }) => devices.put(made));
  return made;
}

// Forget a device with its bundles and its scans.
export async function forget(store, vendorId) {
  await store.change(async (tables) => {
    tables.device.delete(vendorId);
    for (const [name, key] of [["scan", (one) => one.scanId], ["door", (one) => one.listId]]) {
      for (const one of await tables[name].all()) if (one.vendorId === vendorId) tables[name].delete(key(one));
    }
    for (const one of await tables.ticket.all()) {
      if (one.vendorId === vendorId) tables.ticket.delete([one.listId, one.short]);
    }
  });
}

// Return the number of the next scan, which is never used again.
export async function nextSeq(store, vendorId) {
  return store.change(async ({ device: devices }) => {
    const device = await devices.get(vendorId);
    devices.put({ ...device, seq: device.seq + 1 });
    return device.seq + 1;
  });
}
