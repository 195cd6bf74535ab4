// Calls of the API as a member who acts for one vendor.

import { post, Refused } from "../live/session.js";

const SWITCH = `mutation ($input: SwitchRoleInput!) {
  switchRole(input: $input) { errors { message code } }
}`;

export class Calls {
  #session;
  #vendorId = null;

  constructor(session) {
    this.#session = session;
  }

  // Act for a vendor. The session gets another cookie by it, so its token is renewed.
  async actFor(vendorId, signal) {
    await this.#send(SWITCH, { vendorId }, signal);
    await this.#session.open();
    this.#vendorId = vendorId;
  }

  async ask(query, variables, signal) {
    return post(this.#session, query, variables, signal);
  }

  // Return the payload of a mutation; throw `Refused` for its first error. A role ends after two hours: then what it saw
  // is not found, until the session acts for the vendor again.
  async change(query, input, signal) {
    try {
      return await this.#send(query, input, signal);
    } catch (error) {
      if (error.code !== "NOT_FOUND" || !this.#vendorId) throw error;
      await this.actFor(this.#vendorId, signal);
      return this.#send(query, input, signal);
    }
  }

  async #send(query, input, signal) {
    const [payload] = Object.values(await this.ask(query, { input }, signal));
    if (payload.errors.length) throw new Refused(payload.errors[0]);
    return payload;
  }
}
