// Reads QR codes from the camera, where the browser has a BarcodeDetector.

const LOOK_MS = 150;
const AWAY_MS = 1_500; // for which a code is out of view before it counts again

export async function canScan() {
  const formats = await globalThis.BarcodeDetector?.getSupportedFormats().catch(() => []);
  return Boolean(navigator.mediaDevices && formats?.includes("qr_code"));
}

export class Camera {
  #video;
  #found;
  #stream = null;
  #timer = null;
  #seen = { text: null, at: 0 };

  // `found` is called with each code that comes into view.
  constructor(video, found) {
    this.#video = video;
    this.#found = found;
  }

  get isOn() {
    return this.#stream !== null;
  }

  async start() {
    this.#stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    this.#video.srcObject = this.#stream;
    await this.#video.play();
    const detector = new globalThis.BarcodeDetector({ formats: ["qr_code"] });
    this.#timer = setInterval(async () => {
      const [code] = await detector.detect(this.#video).catch(() => []);
      if (code) this.#see(code.rawValue);
    }, LOOK_MS);
  }

  stop() {
    clearInterval(this.#timer);
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
  }

  #see(text) {
    const now = Date.now();
    const isNew = text !== this.#seen.text || now - this.#seen.at > AWAY_MS;
    this.#seen = { text, at: now };
    if (isNew) this.#found(text);
  }
}
