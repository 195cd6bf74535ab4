// Draws the redemptions per minute of the last hour as an SVG bar chart.

import { byId, clock } from "./elements.js";

const MINUTES = 60;
const MINUTE_MS = 60_000;
const MIN_SCALE = 4; // so that a single redemption is not drawn at full height
const NAMESPACE = "http://www.w3.org/2000/svg";

export const hourBefore = (now) => (Math.floor(now / MINUTE_MS) - MINUTES + 1) * MINUTE_MS;

export function draw(redemptions, now) {
  const start = hourBefore(now);
  const columns = Array.from({ length: MINUTES }, () => ({ approved: 0, other: 0 }));
  for (const { attemptedAt, outcome } of redemptions) {
    const column = columns[Math.floor((Date.parse(attemptedAt) - start) / MINUTE_MS)];
    if (column) column[outcome === "APPROVED" ? "approved" : "other"] += 1;
  }
  const most = Math.max(MIN_SCALE, ...columns.map(({ approved, other }) => approved + other));
  const heights = columns.map(({ approved, other }, place) => [
    bar("approved", place, (approved / most) * 100, 0),
    bar("other", place, (other / most) * 100, (approved / most) * 100),
  ]);
  const chart = byId("chart");
  chart.replaceChildren(...heights.flat().filter((one) => one !== null));
  chart.setAttribute("aria-label", `${redemptions.length} attempts in the last hour, charted per minute`);
  byId("most").textContent = most;
  byId("times").replaceChildren(...[0, 15, 30, 45, 59].map((minute) => label(start + minute * MINUTE_MS)));
}

function bar(kind, place, height, below) {
  if (!height) return null;
  const rectangle = document.createElementNS(NAMESPACE, "rect");
  const at = { class: kind, x: place + 0.15, y: 100 - below - height, width: 0.7, height };
  for (const [name, value] of Object.entries(at)) rectangle.setAttribute(name, value);
  return rectangle;
}

function label(moment) {
  const element = document.createElement("span");
  element.textContent = clock(moment);
  return element;
}
