// Shows an invitation to a vendor, and answers it when a button is pressed: mail scanners open links
// too, so opening the page changes nothing.

import { element, messageOf, mutate, post, show } from "./requests.js";

const [form, password, code, problem] = ["form", "password", "code", "problem"].map(element);
const buttons = document.querySelectorAll("button");
const token = location.hash.slice(1);
let challengeId = null;

// Returns the session, or null if the form must ask for a code first.
async function signIn() {
  if (challengeId) {
    const typed = code.value.trim();
    const proof = /^[0-9 ]+$/.test(typed) ? { totp: typed } : { recoveryCode: typed };
    return (await mutate("confirm_second_factor", { challengeId, ...proof })).session;
  }
  const { session, secondFactor } = await mutate("log_in", { email: element("email").value, password: password.value });
  if (session) return session;
  if (!secondFactor.methods.includes("TOTP")) throw new Error(element("in-app").textContent);
  challengeId = secondFactor.challengeId;
  element("second").hidden = false;
  code.required = true;
  code.focus();
  return null;
}

async function accept() {
  const session = await signIn();
  if (!session) return;
  try {
    await mutate("accept_invitation", { token }, session.accessToken);
  } finally {
    // The page keeps no session: the member signs in to the app.
    await mutate("log_out", { refreshToken: session.refreshToken }).catch(() => {});
    challengeId = null;
  }
  finish("done");
}

function finish(part) {
  show(part);
  history.replaceState(null, "", location.pathname);
}

async function act(work) {
  for (const button of buttons) button.disabled = true;
  problem.textContent = "";
  try {
    await work();
  } catch (error) {
    problem.textContent = messageOf(error);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

async function look() {
  if (!token) return show("incomplete");
  try {
    const link = await post("auth_link", { token });
    if (link?.purpose !== document.body.dataset.purpose) return show("ended");
    const invitation = await post("invitation", { token });
    if (!invitation) return show("ended");
    element("vendor").textContent = invitation.vendor.name;
    element("email").value = link.email;
    element("account").hidden = !link.accountExists;
    element("stranger").hidden = link.accountExists;
    password.required = link.accountExists;
    show("form");
  } catch (error) {
    element("failed").textContent = messageOf(error);
    show("failed");
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  act(accept);
});
element("decline").addEventListener("click", () => {
  act(async () => {
    await mutate("decline_invitation", { token });
    finish("declined");
  });
});

look();
