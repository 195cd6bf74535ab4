// A passkey and an app for one-time codes, in software.

import { createHash, createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const VERIFIED = 0x05; // the user is present, and verified
const ATTESTED = 0x40;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();
const encode = (data: string | Buffer) => Buffer.from(data).toString('base64url');

/** Stands in for `navigator.credentials` of a browser that shows a page of the origin. */
export class SoftAuthenticator {
  readonly #origin: string;
  readonly #id = randomBytes(32);
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  #user = '';

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Put it into the place of the browser's. The options stay JSON. */
  install(): void {
    const same = (options: object) => options;
    Object.assign(globalThis, {
      PublicKeyCredential: { parseRequestOptionsFromJSON: same, parseCreationOptionsFromJSON: same },
    });
    const credentials = {
      create: async ({ publicKey }: any) => this.#create(publicKey),
      get: async ({ publicKey }: any) => this.#get(publicKey),
    };
    Object.defineProperty(navigator, 'credentials', { value: credentials, configurable: true });
  }

  #create(options: any) {
    this.#user = options.user.id;
    const { x, y } = this.#keys.publicKey.export({ format: 'jwk' });
    const point = [x, y].map((part) => Buffer.from(part!, 'base64url')) as [Buffer, Buffer];
    const key = [hex('a5010203262001215820'), point[0], hex('225820'), point[1]]; // COSE, ES256
    const data = Buffer.concat([
      this.#data(options.rp.id, VERIFIED | ATTESTED),
      Buffer.alloc(16),
      hex('0020'),
      this.#id,
      ...key,
    ]);
    const attestation = Buffer.concat([
      hex('a363666d74646e6f6e656761747453746d74a0686175746844617461'), // {fmt: "none", attStmt: {}, authData:
      hex(`59${data.length.toString(16).padStart(4, '0')}`),
      data,
    ]);
    return this.#credential({
      clientDataJSON: encode(this.#clientData('webauthn.create', options.challenge)),
      attestationObject: encode(attestation),
    });
  }

  #get(options: any) {
    const data = this.#data(options.rpId, VERIFIED);
    const clientData = this.#clientData('webauthn.get', options.challenge);
    return this.#credential({
      clientDataJSON: encode(clientData),
      authenticatorData: encode(data),
      signature: encode(sign('sha256', Buffer.concat([data, sha256(clientData)]), this.#keys.privateKey)),
      userHandle: this.#user,
    });
  }

  /** The counter is 0, as of synchronized passkeys. */
  #data(domain: string, flags: number): Buffer {
    return Buffer.concat([sha256(domain), Buffer.from([flags, 0, 0, 0, 0])]);
  }

  #clientData(type: string, challenge: string): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin: this.#origin }));
  }

  #credential(response: object) {
    const id = encode(this.#id);
    return { toJSON: () => ({ id, rawId: id, type: 'public-key', response }) };
  }
}

/** Returns the code of an app, of now or of so many steps of 30 seconds later. */
export function oneTimeCode(secret: string, steps = 0): string {
  const bits = [...secret].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac('sha1', key).update(counter).digest();
  const number = digest.readUInt32BE(digest[19]! & 15) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, '0');
}

const hex = (text: string) => Buffer.from(text, 'hex');
