// Signs in with the account named in the URL, and lets the user choose a check-in list, be a scanner, and scan.

import { byId, make, notify } from "../live/elements.js";
import { retry } from "../live/session.js";
import { Calls } from "./calls.js";
import { Camera, canScan } from "./camera.js";
import { forget, paste, register } from "./device.js";
import { Gate } from "./gate.js";
import { clear, show } from "./light.js";
import { openStore } from "./store.js";

const VIEWER = "{ viewer { vendors { id name } } }";
const LISTS = `query ($vendorId: ID!, $from: DateTime!) {
  events(first: 20, where: { vendorId: $vendorId, states: [DRAFT, PUBLISHED, PAUSED, ENDED], startsFrom: $from }) {
    nodes {
      title
      dates(first: 5, startsFrom: $from) { nodes { state startsAt localStart checkInLists { id name archivedAt } } }
    }
  }
}`;
const GATES = "query ($id: ID!) { checkInList(id: $id) { gates { id name } } }";
const HELD = ["SCHEDULED", "ENDED"]; // states of dates that take place, or have
const SINCE_MS = 24 * 3_600_000; // of dates that have begun
const BUNDLES = {
  fresh: "It decides by its bundle if there is no network.",
  expired: "Its bundle is older than a day: without a network, only signatures and revoked tickets count.",
  none: "It has no bundle, so it scans with a network alone.",
};

const { email, password, slot } = document.body.dataset;
const session = new BrowserSession({ email, password }, Number(slot));
const calls = new Calls(session);
const store = await openStore();
const camera = new Camera(byId("video"), (text) => present(text, true));
let vendorId = null;
let gate = null;

const options = (element, items) => element.replaceChildren(...items.map(({ id, name }) => make("option", { value: id }, name)));

// Run what the user asked for, and show why it failed.
const attempt = (work) => work().catch((error) => notify(error.message));

async function chooseVendor() {
  gate?.close();
  gate = null;
  vendorId = byId("vendor").value;
  await calls.actFor(vendorId);
  const { events } = await calls.ask(LISTS, { vendorId, from: new Date(Date.now() - SINCE_MS) });
  const lists = events.nodes
    .flatMap(({ title, dates }) => dates.nodes.map((date) => ({ ...date, title })))
    .filter(({ state }) => HELD.includes(state))
    .sort((one, other) => one.startsAt.localeCompare(other.startsAt))
    .flatMap(({ title, localStart, checkInLists }) => checkInLists
      .filter(({ archivedAt }) => !archivedAt)
      .map(({ id, name }) => ({ id, name: `${title}, ${localStart.replace("T", " ").slice(0, 16)} · ${name}` })));
  options(byId("list"), lists);
  byId("no-lists").hidden = lists.length > 0;
  byId("list").disabled = !lists.length;
  if (lists.length) await chooseList();
}

async function chooseList() {
  const { checkInList } = await calls.ask(GATES, { id: byId("list").value });
  options(byId("gate"), [{ id: "", name: "No gate" }, ...checkInList.gates]);
  await begin();
}

// Scan on the chosen list, once this device is a scanner of the vendor.
async function begin() {
  gate?.close();
  gate = null;
  const device = await store.get("device", vendorId);
  byId("unregistered").hidden = Boolean(device);
  byId("device").hidden = !device;
  byId("scan").hidden = !device || !byId("list").value;
  if (!device || !byId("list").value) return;
  byId("device-name").textContent = device.name;
  clear();
  gate = new Gate(calls, store, device, byId("list").value, showState);
}

function showConnection(online) {
  byId("connection").dataset.state = online ? "live" : "reconnecting";
  byId("connection").textContent = online ? "With a network" : "Without a network";
}

function showState({ online, waiting, bundle, error }) {
  showConnection(online);
  byId("waiting").textContent = waiting ? `${waiting} to send` : "All sent";
  byId("waiting").dataset.count = waiting;
  byId("bundle").textContent = BUNDLES[bundle];
  byId("bundle").dataset.bundle = bundle;
  if (error) attempt(() => refuse(error));
}

async function refuse(error) {
  if (error.code === "SCANNER_REVOKED") {
    await forget(store, vendorId);
    await begin();
  }
  throw error;
}

async function present(text, isToken) {
  if (!gate || !text) return;
  clear("Checking …");
  await attempt(async () => {
    const gateId = byId("gate").value || null;
    try {
      show(await gate.present({ text, isToken, leaves: byId("leaves").checked, gateId }));
    } catch (error) {
      clear();
      await refuse(error);
    }
  });
}

async function toggleCamera() {
  if (camera.isOn) camera.stop();
  else await camera.start();
  byId("video").hidden = !camera.isOn;
  byId("camera").textContent = camera.isOn ? "Stop the camera" : "Use the camera";
}

function on(id, kind, work) {
  byId(id).addEventListener(kind, (event) => {
    event.preventDefault();
    attempt(work);
  });
}

on("vendor", "change", chooseVendor);
on("list", "change", chooseList);
on("register", "submit", async () => {
  await register(calls, store, vendorId, byId("name").value);
  await begin();
});
on("paste", "submit", async () => {
  await paste(store, vendorId, byId("key").value.trim());
  byId("key").value = "";
  await begin();
});
on("forget", "click", async () => {
  if (Number(byId("waiting").dataset.count)) throw new Error("Send the scans first: they end with the key.");
  await forget(store, vendorId);
  await begin();
});
on("typed", "submit", async () => {
  const text = byId("code").value.trim();
  byId("code").value = "";
  await present(text, false);
});
on("camera", "click", toggleCamera);
addEventListener("online", () => gate?.catchUp());

byId("no-camera").hidden = await canScan();
byId("camera").hidden = !byId("no-camera").hidden;
const { viewer } = await retry(() => calls.ask(VIEWER));
showConnection(true);
options(byId("vendor"), viewer.vendors);
byId("no-vendors").hidden = viewer.vendors.length > 0;
if (viewer.vendors.length) await attempt(chooseVendor);
