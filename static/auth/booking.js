// Shows the booking of a reminder, and answers it when a button is pressed: mail scanners open links
// too, so opening the page changes nothing.

import { element, messageOf, mutate, post, show } from "./requests.js";

const [form, problem, come, cancel] = ["form", "problem", "come", "cancel"].map(element);
const token = location.hash.slice(1);
const language = document.documentElement.lang;
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

function open(booking) {
  element("service").textContent = booking.service;
  element("vendor").textContent = booking.vendor;
  const start = element("start");
  start.dateTime = booking.startsAt;
  start.textContent = new Intl.DateTimeFormat(language, {
    dateStyle: "full", timeStyle: "short", timeZone: booking.timeZone,
  }).format(new Date(booking.startsAt));
  refundBps = booking.refundBps;
  element("coming").hidden = !booking.isComing;
  come.hidden = booking.isComing || booking.bookingState !== "CONFIRMED";
  cancel.hidden = refundBps === null;
  if (booking.refund) {
    const { decimal, currency } = booking.refund;
    element("amount").textContent = new Intl.NumberFormat(language, { style: "currency", currency }).format(decimal);
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
