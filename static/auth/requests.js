// Requests of the pages of links.

export const element = (id) => document.getElementById(id);

// The server runs the document of this hash even if it runs trusted documents only.
export async function post(name, variables, accessToken) {
  const { document: query, hash: sha256Hash } = element(name).dataset;
  const signedIn = accessToken ? { authorization: `Bearer ${accessToken}` } : {};
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", "accept-language": document.documentElement.lang, ...signedIn },
    body: JSON.stringify({ query, variables, extensions: { persistedQuery: { version: 1, sha256Hash } } }),
  });
  const { data, errors } = await response.json();
  if (!data) throw new Error(errors[0].message);
  return Object.values(data)[0];
}

export async function mutate(name, input, accessToken) {
  const payload = await post(name, { input }, accessToken);
  const [error] = payload.errors;
  if (error) throw Object.assign(new Error(error.message), { code: error.code });
  return payload;
}

export function show(id) {
  for (const part of document.querySelectorAll("[data-part]")) part.hidden = part.id !== id;
}

export function showAddress(email) {
  element("address").textContent = email;
  element("email").value = email;
}

export function messageOf(error) {
  const unexpected = error instanceof TypeError || error instanceof SyntaxError;
  return unexpected ? element("failed").textContent : error.message;
}
