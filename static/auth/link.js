// Shows what the link in the fragment is for, then acts when the form is sent: mail scanners open
// links too, so opening the page changes nothing.

import { element, messageOf, mutate, post, show, showAddress } from "./requests.js";

const [form, password, problem, button] = [element("form"), element("password"), element("problem"), document.querySelector("button")];
const token = location.hash.slice(1);
const { purpose } = document.body.dataset;

const acts = {
  async VERIFY_EMAIL() {
    const { session } = await mutate("verify_email", { token, password: password.value });
    // The page keeps no session: the user signs in where they registered.
    await mutate("log_out", { refreshToken: session.refreshToken }).catch(() => {});
  },
  async RESET_PASSWORD() {
    await mutate("reset_password", { token, password: password.value });
  },
  async CHANGE_EMAIL() {
    await mutate("verify_email", { token });
  },
  async UNDO_CHANGE() {
    await mutate("undo_change", { token });
  },
  async CANCEL_DELETION() {
    await mutate("cancel_account_deletion", { token });
  },
  async ACCEPT_ADMIN() {
    const name = element("own-name").value || null;
    const factorCode = element("factor-code").value || null;
    await mutate("accept_admin_invitation", { token, password: password.value, name, factorCode });
  },
};

// An account that becomes an admin's keeps its password, so the form asks for that one.
function open({ email, accountExists }) {
  const keepsPassword = accountExists && purpose === "ACCEPT_ADMIN";
  showAddress(email);
  for (const part of document.querySelectorAll("[data-for]")) {
    part.hidden = part.dataset.for !== (keepsPassword ? "account" : "new");
  }
  if (keepsPassword) {
    password.autocomplete = "current-password";
    for (const limit of ["minlength", "maxlength"]) password.removeAttribute(limit);
  }
  if (element("own-name")) element("own-name").required = !accountExists;
  show("form");
}

async function look() {
  if (!token) return show("incomplete");
  try {
    const link = await post("auth_link", { token });
    if (link?.purpose !== purpose) return show("ended");
    return link.accountExists && purpose === "VERIFY_EMAIL" ? show("taken") : open(link);
  } catch (error) {
    element("failed").textContent = messageOf(error);
    return show("failed");
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  problem.textContent = "";
  try {
    await acts[purpose]();
    show("done");
    history.replaceState(null, "", location.pathname);
  } catch (error) {
    if (error.code === "FACTOR_NEEDED") element("factor").hidden = false;
    problem.textContent = messageOf(error);
    password?.focus();
  } finally {
    button.disabled = false;
  }
});

look();
