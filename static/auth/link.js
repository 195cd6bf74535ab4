// Verifies an email address with the token in the fragment. Nothing happens before the form is sent.

const element = (id) => document.getElementById(id);
const [form, password, problem, button] = [element("form"), element("password"), element("problem"), document.querySelector("button")];
const token = location.hash.slice(1);

// The server runs the document of this hash even if it runs trusted documents only.
async function post(name, input) {
  const { document: query, hash: sha256Hash } = element(name).dataset;
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", "accept-language": document.documentElement.lang },
    body: JSON.stringify({ query, variables: { input }, extensions: { persistedQuery: { version: 1, sha256Hash } } }),
  });
  const { data, errors } = await response.json();
  if (!data) throw new Error(errors[0].message);
  const [payload] = Object.values(data);
  if (payload.errors.length) throw new Error(payload.errors[0].message);
  return payload;
}

async function verify() {
  const { session } = await post("verify_email", { token, password: password.value });
  form.hidden = true;
  element("done").hidden = false;
  history.replaceState(null, "", location.pathname);
  // The page keeps no session: the user signs in where they registered.
  await post("log_out", { refreshToken: session.refreshToken }).catch(() => {});
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  problem.textContent = "";
  try {
    await verify();
  } catch (error) {
    const unexpected = error instanceof TypeError || error instanceof SyntaxError;
    problem.textContent = unexpected ? element("failed").textContent : error.message;
    password.focus();
  } finally {
    button.disabled = false;
  }
});

form.hidden = !token;
element("incomplete").hidden = Boolean(token);
