// Signs in with the account named in the URL and sets up the page.

import { Inbox } from "./inbox.js";
import { byId } from "./elements.js";
import { retry } from "./session.js";
import { Till } from "./till.js";
import { Wallet } from "./wallet.js";
import { Wire } from "./wire.js";

const STATES = { live: "Live", reconnecting: "Reconnecting …" };
const SIGNED_OUT = new Set([4401, "UNAUTHENTICATED"]);
const VIEWER = "{ viewer { id name vendors { id name } } }";

function showState(state, code = null) {
  const connection = byId("connection");
  connection.dataset.state = state;
  connection.textContent = STATES[state] ?? (SIGNED_OUT.has(code) ? "Signed out" : `Stopped: ${code}`);
}

const { email, password, slot } = document.body.dataset;
const wire = new Wire(new BrowserSession({ email, password }, Number(slot)), showState);
const { viewer } = await retry(() => wire.ask(VIEWER));
let wallet = null;
const inbox = new Inbox(wire, viewer, (voucher) => wallet?.keep([voucher]));
if (viewer.vendors.length) new Till(wire, viewer.vendors[0]);
else wallet = new Wallet(wire, (vendorId, subjectId) => inbox.start(vendorId, subjectId));
