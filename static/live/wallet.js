// The customer's vouchers, and a dialog that shows one until it is redeemed.

import { byId, list, locale, make, notify } from "./elements.js";
import { retry } from "./session.js";
import { newKey } from "./wire.js";

export const VOUCHER = "id state code claimedAt expiresAt redeemedAt offer { title } vendor { id name }";
const STATE = `{ viewer { vouchers(state: CLAIMED, first: 20) { nodes { ${VOUCHER} } } } }`;
const SHOWN = `query ($id: ID!) {
  redemptionStatus(voucherId: $id) { cursor voucher { ${VOUCHER} qrSvg } }
}`;
const CHANGES = `subscription ($voucherId: ID!, $after: String) {
  redemptionStatus(voucherId: $voucherId, after: $after) {
    cursor voucher { ${VOUCHER} } redemption { outcome }
  }
}`;
const CLAIM = `mutation ($input: ClaimOfferInput!) {
  claimOffer(input: $input) { voucher { ${VOUCHER} } errors { message } }
}`;
const FATES = {
  CLAIMED: "Show it at the counter.",
  REDEEMED: "Redeemed",
  EXPIRED: "Expired",
  CANCELLED: "Cancelled",
};

export class Wallet {
  #vouchers = new Map();
  #wire;
  #start;

  // `start` opens a conversation about a voucher.
  constructor(wire, start) {
    this.#wire = wire;
    this.#start = start;
    byId("wallet").hidden = false;
    byId("claim").hidden = !document.body.dataset.offer;
    byId("claim").addEventListener("click", () => this.#claim());
    retry(() => this.#load());
  }

  async #load() {
    const { viewer } = await this.#wire.ask(STATE);
    this.keep(viewer.vouchers.nodes);
  }

  keep(vouchers) {
    for (const one of vouchers) this.#vouchers.set(one.id, one);
    const latest = [...this.#vouchers.values()].sort((a, b) => (a.claimedAt < b.claimedAt ? 1 : -1));
    list(byId("vouchers"), latest, (one) => this.#card(one));
  }

  async #claim() {
    const { offer } = document.body.dataset;
    try {
      const { voucher } = await this.#wire.change(CLAIM, { offerId: offer, idempotencyKey: newKey() });
      this.keep([voucher]);
    } catch (error) {
      notify(error.message);
    }
  }

  #card(voucher) {
    const show = make("button", {}, "Show");
    const ask = make("button", { class: "quiet" }, "Ask");
    show.addEventListener("click", () => this.#show(voucher.id));
    ask.addEventListener("click", () => this.#start(voucher.vendor.id, voucher.id));
    const until = new Date(voucher.expiresAt).toLocaleDateString(locale, { day: "numeric", month: "long" });
    return make("li", { "data-state": voucher.state },
      make("strong", {}, voucher.offer.title),
      make("span", {}, voucher.vendor.name),
      make("small", {}, voucher.state === "CLAIMED" ? `until ${until}` : FATES[voucher.state]),
      make("p", {}, voucher.state === "CLAIMED" ? show : null, ask));
  }

  // Show the voucher, and update it live until the dialog is closed.
  #show(id) {
    byId("qr").removeAttribute("src");
    const stop = this.#wire.follow(async () => {
      const { cursor, voucher } = (await this.#wire.ask(SHOWN, { id })).redemptionStatus;
      const { qrSvg, ...shown } = voucher;
      byId("qr").src = `data:image/svg+xml,${encodeURIComponent(qrSvg)}`;
      this.#update(shown);
      return { voucherId: id, after: cursor };
    }, CHANGES, ({ voucher }) => voucher && this.#update(voucher));
    byId("shown").addEventListener("close", stop, { once: true });
    byId("shown").showModal();
  }

  #update(voucher) {
    this.keep([voucher]);
    byId("shown").dataset.state = voucher.state;
    byId("shown-title").textContent = voucher.offer.title;
    byId("shown-vendor").textContent = voucher.vendor.name;
    byId("shown-code").textContent = voucher.code;
    byId("fate").textContent = FATES[voucher.state];
  }
}
