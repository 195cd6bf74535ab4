// Elements of the page, made and kept up to date.

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

// A list shows these things, each with an `id`. What hasn't changed keeps its element, and so its focus.
export function list(element, things, render) {
  const known = new Map([...element.children].map((child) => [child.dataset.id, child]));
  const wanted = things.map((thing) => {
    const now = JSON.stringify(thing);
    const old = known.get(thing.id);
    if (old && shown.get(old) === now) return old;
    const made = render(thing);
    made.dataset.id = thing.id;
    shown.set(made, now);
    return made;
  });
  for (const child of [...element.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((child, place) => {
    if (element.children[place] !== child) element.insertBefore(child, element.children[place] ?? null);
  });
}

export const clock = (at) =>
  new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function moment(at) {
  const date = new Date(at);
  if (date.toDateString() === new Date().toDateString()) return clock(at);
  return date.toLocaleDateString(undefined, { day: "numeric", month: "short" });
}

let forgetting;

// Say for a while what went wrong, or what a button did.
export function notify(text) {
  byId("notice").textContent = text;
  clearTimeout(forgetting);
  forgetting = setTimeout(() => { byId("notice").textContent = ""; }, 8_000);
}
