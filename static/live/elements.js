// Creates and updates the page's elements.

export const byId = (id) => document.getElementById(id);

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const shown = new WeakMap();

// Render items, each with an `id`, as children of `element`. Unchanged items keep their element and its focus.
export function list(element, items, render) {
  const known = new Map([...element.children].map((child) => [child.dataset.id, child]));
  const wanted = items.map((item) => {
    const now = JSON.stringify(item);
    const old = known.get(item.id);
    if (old && shown.get(old) === now) return old;
    const made = render(item);
    made.dataset.id = item.id;
    shown.set(made, now);
    return made;
  });
  for (const child of [...element.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((child, place) => {
    if (element.children[place] !== child) element.insertBefore(child, element.children[place] ?? null);
  });
}

// The language of the page as the reader's region writes it, such as en-GB.
const { lang } = document.documentElement;
export const locale = navigator.languages.find((one) => one.split("-")[0] === lang) ?? lang;

export const clock = (at) =>
  new Date(at).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function moment(at) {
  const date = new Date(at);
  if (date.toDateString() === new Date().toDateString()) return clock(at);
  return date.toLocaleDateString(locale, { day: "numeric", month: "short" });
}

let hiding;

// Show a message for eight seconds.
export function notify(text) {
  byId("notice").textContent = text;
  clearTimeout(hiding);
  hiding = setTimeout(() => { byId("notice").textContent = ""; }, 8_000);
}
