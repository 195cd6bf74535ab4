// Shows an invitation to a vendor, and answers it when a button is pressed: mail scanners open links
// too, so opening the page changes nothing.

import { element, messageOf, mutate, post, show, showAddress } from "./requests.js";
import { withSession } from "./sign_in.js";

const [form, password, problem] = ["form", "password", "problem"].map(element);
const buttons = document.querySelectorAll("button");
const token = location.hash.slice(1);

async function accept() {
  if (await withSession((accessToken) => mutate("accept_invitation", { token }, accessToken))) finish("done");
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
    showAddress(link.email);
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
