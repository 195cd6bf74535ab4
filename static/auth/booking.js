// Shows the booking of a reminder, and answers it when a button is pressed: mail scanners open links
// too, so opening the page changes nothing.

import { element, messageOf, mutate, post, show } from "./requests.js";

const [form, problem, come, cancel] = ["form", "problem", "come", "cancel"].map(element);
const token = location.hash.slice(1);
const { lang } = document.documentElement;
// The language of the page as the reader's region writes it, such as en-GB.
const locale = navigator.languages.find((one) => one.split("-")[0] === lang) ?? lang;
let refundBps = null;

async function act(work, part) {
  come.disabled = cancel.disabled = true;
  problem.textContent = "";
  try {
    await work();
    show(part);
    history.replaceState(null, "", location.pathname);
  } catch (error) {
    problem.textContent = messageOf(error);
  } finally {
    come.disabled = cancel.disabled = false;
  }
}

// Shows the start at the place, and on the clock of the device as well if that differs.
function showTimes(start, timeZone) {
  const shape = { weekday: "long", year: "numeric", month: "long", day: "numeric", hour: "numeric", minute: "2-digit" };
  const show = (more) => new Intl.DateTimeFormat(locale, { ...shape, ...more }).format(start);
  const differs = show({ timeZone }) !== show({});
  const more = differs ? { timeZoneName: "long" } : {};
  for (const id of ["start", "own"]) element(id).dateTime = start.toISOString();
  element("start").textContent = show({ timeZone, ...more });
  element("own").textContent = show(more);
  element("own").hidden = !differs;
}

function open(booking) {
  element("service").textContent = booking.service;
  element("vendor").textContent = booking.vendor;
  showTimes(new Date(booking.startsAt), booking.timeZone);
  refundBps = booking.refundBps;
  element("coming").hidden = !booking.isComing;
  come.hidden = booking.isComing || booking.bookingState !== "CONFIRMED";
  cancel.hidden = refundBps === null;
  if (booking.refund) {
    const { decimal, currency } = booking.refund;
    element("amount").textContent = new Intl.NumberFormat(locale, { style: "currency", currency }).format(decimal);
    element("refund").hidden = false;
  }
}

async function look() {
  if (!token) return show("incomplete");
  try {
    const booking = await post("linked_booking", { token });
    if (!booking) return show("ended");
    if (booking.bookingState === "CANCELLED") return show("cancelled");
    open(booking);
    return show("form");
  } catch (error) {
    element("failed").textContent = messageOf(error);
    return show("failed");
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  act(() => mutate("confirm_attendance_by_link", { token }), "done");
});
cancel.addEventListener("click", () => {
  if (!cancel.dataset.asked) {
    cancel.dataset.asked = "yes";
    cancel.textContent = cancel.dataset.sure;
    return;
  }
  act(() => mutate("cancel_booking_by_link", { token, refundBps }), "cancelled");
});

look();
