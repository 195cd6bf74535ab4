// Signs in on a page of a link, which keeps no session.

import { element, mutate } from "./requests.js";

const [password, code] = ["password", "code"].map(element);
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

// Calls `act` with an access token. Returns false if the form must ask for a code first.
export async function withSession(act) {
  const session = await signIn();
  if (!session) return false;
  try {
    await act(session.accessToken);
  } finally {
    await mutate("log_out", { refreshToken: session.refreshToken }).catch(() => {});
    challengeId = null;
  }
  return true;
}
