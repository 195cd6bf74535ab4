// Downloads an export when the form is sent: mail scanners open links too, so opening the page
// changes nothing.

import { element, messageOf, mutate, post, show, showAddress } from "./requests.js";
import { withSession } from "./sign_in.js";

const [form, problem, button] = [element("form"), element("problem"), document.querySelector("button")];
const token = location.hash.slice(1);

async function download() {
  const started = await withSession(async (accessToken) => {
    const { download } = await mutate("download_my_data", { token }, accessToken);
    location.assign(download.url);
  });
  if (!started) return;
  show("done");
  history.replaceState(null, "", location.pathname);
}

async function look() {
  if (!token) return show("incomplete");
  try {
    const link = await post("auth_link", { token });
    if (link?.purpose !== document.body.dataset.purpose) return show("ended");
    showAddress(link.email);
    return show("form");
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
    await download();
  } catch (error) {
    problem.textContent = messageOf(error);
  } finally {
    button.disabled = false;
  }
});

look();
