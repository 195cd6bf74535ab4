// Redemption attempts at the viewer's vendor: counted, charted and listed live.

import { draw, hourBefore } from "./chart.js";
import { byId, list, make, moment, notify } from "./elements.js";
import { newKey } from "./wire.js";

const LISTED = 8;
const PAGE = 100;
const MAX_PAGES = 5;
const OUTCOMES = {
  APPROVED: "Approved", REFUSED: "Refused", HELD: "Held", BLOCKED: "Blocked", DOUBLE: "Double",
};
const REASONS = {
  EXPIRED: "expired",
  NOT_YET: "not valid yet",
  ALREADY_REDEEMED: "already redeemed",
  OTHER_VENDOR: "for another vendor",
  VENDOR_SUSPENDED: "of a suspended vendor",
  USER_SUSPENDED: "of a suspended account",
  CANCELLED: "cancelled",
  UNKNOWN: "unknown code",
  BAD_SIGNATURE: "not a code of this server",
  OLD_GENERATION: "an old code: the voucher was reissued",
  WRONG_TYPE: "a code, but not of a voucher",
  NOT_ACCEPTED: "not accepted by the scanner",
  NOT_CHECKED: "not checked in time: present it again",
  RULE_FAILED: "a rule of the offer is not met",
  BEING_CHECKED: "being checked",
  SUSPECTED_FRAUD: "signs of fraud",
  CODE_EXPIRED: "the code has changed: take the new one",
  STEP_USED: "the code was used: take the new one",
};
const ATTEMPT = "id outcome reason attemptedAt voucher { id offer { title } }";
const STATE = `query ($id: ID!, $first: Int!, $before: String) {
  vendor(id: $id) {
    redemptions(first: $first, after: $before) {
      changesAfter
      nodes { ${ATTEMPT} }
      pageInfo { endCursor hasNextPage }
    }
  }
}`;
const CHANGES = `subscription ($vendorId: ID!, $after: String) {
  vendorRedemptions(vendorId: $vendorId, after: $after) { cursor kind redemption { ${ATTEMPT} } }
}`;
const REDEEM = `mutation ($input: RedeemVoucherInput!) {
  redeemVoucher(input: $input) { redemption { ${ATTEMPT} } errors { message } }
}`;

export class Till {
  #attempts = new Map();
  #scan = null; // kept until the server responds, so that a retry uses the same idempotency key
  #vendor;
  #wire;

  constructor(wire, vendor) {
    this.#vendor = vendor;
    this.#wire = wire;
    byId("shop").textContent = vendor.name;
    byId("till").hidden = false;
    byId("redeem").addEventListener("submit", (event) => this.#redeem(event));
    wire.follow(() => this.#load(), CHANGES, ({ redemption }) => {
      if (redemption) this.#add([redemption]);
    });
    setInterval(() => this.#show(), 5_000); // the one-hour window moves
  }

  // Load the last hour. The first page has the oldest cursor, so start from that one.
  async #load() {
    let [after, before] = [null, null];
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const variables = { id: this.#vendor.id, first: PAGE, before };
      const { redemptions } = (await this.#wire.ask(STATE, variables)).vendor;
      after ??= redemptions.changesAfter;
      before = redemptions.pageInfo.endCursor;
      this.#add(redemptions.nodes);
      const last = redemptions.nodes.at(-1);
      const older = last && Date.parse(last.attemptedAt) < hourBefore(Date.now());
      if (older || !redemptions.pageInfo.hasNextPage) break;
    }
    return { vendorId: this.#vendor.id, after };
  }

  #add(redemptions) {
    for (const one of redemptions) this.#attempts.set(one.id, one);
    this.#show();
  }

  #show() {
    const now = Date.now();
    const latest = [...this.#attempts.values()].sort((a, b) => (a.attemptedAt < b.attemptedAt ? 1 : -1));
    const recent = latest.filter(({ attemptedAt }) => Date.parse(attemptedAt) >= hourBefore(now));
    this.#attempts = new Map(latest.slice(0, Math.max(recent.length, LISTED)).map((one) => [one.id, one]));
    draw(recent, now);
    list(byId("attempts"), latest.slice(0, LISTED), attempt);
    list(byId("counters"), Object.entries(OUTCOMES).map(([id, name]) => ({
      id, name, count: recent.filter(({ outcome }) => outcome === id).length,
    })), counter);
  }

  async #redeem(event) {
    event.preventDefault();
    const code = byId("code");
    const result = byId("redeemed");
    if (this.#scan?.code !== code.value) {
      this.#scan = { vendorId: this.#vendor.id, code: code.value, idempotencyKey: newKey() };
    }
    try {
      const { redemption } = await this.#wire.change(REDEEM, this.#scan);
      this.#scan = null;
      result.dataset.outcome = redemption.outcome;
      result.textContent = `${OUTCOMES[redemption.outcome]}: ${what(redemption)}`;
      if (redemption.outcome === "APPROVED") code.value = "";
    } catch (error) {
      notify(error.message);
    }
  }
}

const what = ({ outcome, reason, voucher }) =>
  [voucher?.offer.title, outcome !== "APPROVED" && (REASONS[reason] ?? reason)].filter(Boolean).join(", ");

const counter = ({ id, name, count }) =>
  make("div", { "data-outcome": id }, make("dt", {}, name), make("dd", {}, String(count)));

const attempt = (one) =>
  make("li", { "data-outcome": one.outcome },
    make("strong", {}, OUTCOMES[one.outcome] ?? one.outcome),
    make("time", { datetime: one.attemptedAt }, moment(one.attemptedAt)),
    make("span", {}, what(one) || "unknown"));
