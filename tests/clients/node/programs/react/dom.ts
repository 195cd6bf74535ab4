// A page for React, which looks for one when it is imported.

import { JSDOM } from 'jsdom';

const { window } = new JSDOM('<!doctype html><body></body>', { url: 'http://127.0.0.1/', pretendToBeVisual: true });
const names = ['window', 'document', 'HTMLElement', 'HTMLIFrameElement', 'Node', 'FormData', 'MutationObserver'] as const;
for (const name of names) Object.assign(globalThis, { [name]: name === 'window' ? window : window[name] });
Object.defineProperty(globalThis, 'localStorage', { value: window.localStorage });
globalThis.addEventListener = window.addEventListener.bind(window) as typeof globalThis.addEventListener;

export { window };
