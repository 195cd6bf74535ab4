// Presence of the users on the page. Resubscribes when that set of users changes.

import { moment } from "./elements.js";

const CHANGES = `subscription ($userIds: [ID!]!) {
  presence(userIds: $userIds) { user { id } online lastSeenAt }
}`;

export class Presence {
  #wire;
  #changed;
  #watched = "";
  #stop = () => {};
  #known = new Map();

  constructor(wire, changed) {
    this.#wire = wire;
    this.#changed = changed;
  }

  watch(ids) {
    const userIds = [...new Set(ids.filter(Boolean))].sort();
    if (userIds.join() === this.#watched) return;
    this.#watched = userIds.join();
    this.#stop();
    this.#stop = userIds.length ? this.#follow(userIds) : () => {};
  }

  online(id) {
    return Boolean(this.#known.get(id)?.online);
  }

  status(id) {
    const { online, lastSeenAt } = this.#known.get(id) ?? {};
    if (online) return "Online";
    return lastSeenAt ? `Last seen ${moment(lastSeenAt)}` : "";
  }

  #follow(userIds) {
    const apply = ({ user, ...presence }) => {
      if (!user) return;
      this.#known.set(user.id, presence);
      this.#changed();
    };
    // It ends when one of them is no contact any more, such as a member who has left. No user is shown
    // as online then, and the page goes on.
    return this.#wire.watch(CHANGES, { userIds }, apply, () => this.#known.clear());
  }
}
