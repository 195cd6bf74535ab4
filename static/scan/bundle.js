// Reads what the server signs and encrypts: bundles, and the QR codes of tickets. docs/clients/scanners.md has the formats.

const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const X25519 = { name: "X25519" };
const RECORD_BYTES = 16;
const NO_TYPE = 65_535;

export const decode = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const encode = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const utf8 = (text) => new TextEncoder().encode(text);
const json = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

// A key pair whose private half no script can read.
export async function makeKeys() {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(X25519, false, ["deriveBits"]);
  return { publicKey: encode(new Uint8Array(await crypto.subtle.exportKey("raw", publicKey))), privateKey };
}

// Return the header and claims of a JWT whose signature a key verifies, else null.
async function verify(token, keys) {
  try {
    const [head, body, signature] = token.split(".");
    const header = json(decode(head));
    const key = keys.find(({ kid }) => kid === header.kid);
    if (header.alg !== "ES256" || !key) return null;
    const { kty, crv, x, y } = key;
    const imported = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, ECDSA, false, ["verify"]);
    const signed = await crypto.subtle.verify(ECDSA, imported, decode(signature), utf8(`${head}.${body}`));
    return signed ? { header, claims: json(decode(body)) } : null;
  } catch {
    return null;
  }
}

// Decrypt a JWE: ECDH-ES with A256GCM (RFC 7518, 4.6).
async function decrypt(content, privateKey) {
  const [head, , iv, text, tag] = content.split(".");
  const { alg, enc, epk } = json(decode(head));
  if (alg !== "ECDH-ES" || enc !== "A256GCM") throw new Error("This bundle has another encryption.");
  const { kty, crv, x } = epk;
  const ephemeral = await crypto.subtle.importKey("jwk", { kty, crv, x }, X25519, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "X25519", public: ephemeral }, privateKey, 256);
  const key = await crypto.subtle.importKey("raw", await derive(shared, enc), "AES-GCM", false, ["decrypt"]);
  const sealed = new Uint8Array([...decode(text), ...decode(tag)]);
  const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv: decode(iv), additionalData: utf8(head) }, key, sealed);
  return new TextDecoder().decode(opened);
}

// The Concat KDF of NIST SP 800-56A with one round, without data about the two sides.
async function derive(shared, enc) {
  const number = (value) => new Uint8Array(new Uint32Array([value]).buffer).reverse();
  const info = [number(enc.length), utf8(enc), number(0), number(0), number(256)];
  const input = [number(1), new Uint8Array(shared), ...info].flatMap((bytes) => [...bytes]);
  return crypto.subtle.digest("SHA-256", new Uint8Array(input));
}

// Return the claims of a bundle to this scanner. `keys` are those of the server.
export async function openBundle(content, privateKey, scannerId, keys) {
  const found = await verify(await decrypt(content, privateKey), keys);
  const { header, claims } = found ?? {};
  const fits = header?.typ === "scanner-bundle+jwt" && claims.iss === "haat" && claims.aud === scannerId
    && claims.exp * 1_000 > Date.now() && claims.v === 1;
  if (!fits) throw new Error("This bundle is not of this server, or not to this scanner.");
  return claims;
}

// Return the records of a bundle.
export function* readRecords(tickets) {
  const bytes = decode(tickets);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
    const type = view.getUint16(at + 10);
    yield {
      short: hex(bytes.subarray(at, at + 8)),
      generation: view.getUint16(at + 8),
      type: type === NO_TYPE ? null : type,
      flags: view.getUint8(at + 12),
      entries: view.getUint8(at + 13),
    };
  }
}

// Return what a QR code states, or the reason why it is refused.
export async function readTicket(token, keys) {
  const found = await verify(token, keys);
  if (!found) return { reason: "BAD_SIGNATURE" };
  if (found.header.typ !== "ticket+jwt") return { reason: "WRONG_TYPE" };
  const { t, d, g } = found.claims;
  return { short: hex(decode(t).subarray(8)), date: hex(decode(d)), generation: g };
}
