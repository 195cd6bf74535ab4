// Shows the light of a scan, big, and the latest ones.

import { byId, list, locale, make } from "../live/elements.js";

const LISTED = 8;
const TITLES = { GREEN: "✓ Let in", RED: "✕ Refused" };
const REASONS = {
  ADMITTED: "Valid",
  LEFT: "May leave, and come back if the list admits it again",
  ALREADY_INSIDE: "Is inside already",
  USED_UP: "Was used already",
  NOT_INSIDE: "Is not inside",
  WRONG_LIST: "Its type is not admitted here",
  WRONG_DATE: "For another date",
  NOT_YET: "Too early",
  TOO_LATE: "Too late",
  CANCELLED: "Cancelled",
  OLD_GENERATION: "An old code: the ticket was transferred or changed",
  IN_TRANSFER: "Being transferred to another person",
  BAD_SIGNATURE: "Not a ticket of this server",
  WRONG_TYPE: "A code, but not of a ticket",
  UNKNOWN: "Unknown code",
  TYPED: "A typed code needs a network. Scan the QR code",
  NO_BUNDLE: "There is no network, and no bundle to decide by",
};

const latest = [];

export function show({ light, reason, type, attendee: name, offline }) {
  const attendee = reason === "OLD_GENERATION" ? null : name; // another person's by now
  const title = reason === "LEFT" ? "✓ Let out" : TITLES[light] ?? "No decision";
  const at = new Date().toLocaleTimeString(locale, { hour12: false });
  const one = { id: String(latest.length), light, title, reason: REASONS[reason] ?? reason, type, attendee, offline, at };
  const element = byId("light");
  element.dataset.light = light ?? "NONE";
  element.dataset.reason = reason;
  element.replaceChildren(
    make("strong", {}, title),
    make("span", { class: "attendee" }, attendee ?? ""),
    make("span", { class: "type" }, type ?? ""),
    make("span", { class: "reason" }, one.reason),
    make("small", {}, [at, offline && "decided without a network"].filter(Boolean).join(" · ")),
  );
  latest.unshift(one);
  list(byId("latest"), latest.slice(0, LISTED), entry);
}

// Hide the last light, which is another ticket's.
export function clear(text = "Scan a ticket.") {
  delete byId("light").dataset.light;
  delete byId("light").dataset.reason;
  byId("light").replaceChildren(make("span", { class: "reason" }, text));
}

const entry = ({ light, title, reason, type, attendee, offline, at }) =>
  make("li", { "data-light": light ?? "NONE" },
    make("strong", {}, title),
    make("time", {}, at),
    make("span", {}, [attendee, type, reason, offline && "without a network"].filter(Boolean).join(" · ")));
