// DataLoaders of one request.
import DataLoader from "dataloader";
import { select } from "./database.mjs";

export function createLoaders() {
  return {
    vendor: byId("vendors"),
    category: byId("categories"),
    likeCount: new DataLoader(async (ids) => {
      const rows = await select("likeCounts", ids);
      const counts = new Map(rows.map((row) => [row.offer_id, row.likes]));
      return ids.map((id) => counts.get(id) ?? 0);
    }),
    vendorOffers: new DataLoader(loadVendorOffers, {
      cacheKeyFn: ({ vendorId, first }) => `${vendorId}:${first}`,
    }),
  };
}

function byId(statement) {
  return new DataLoader(async (ids) => {
    const rows = new Map((await select(statement, ids)).map((row) => [row.id, row]));
    return ids.map((id) => rows.get(id));
  });
}

async function loadVendorOffers(keys) {
  const most = Math.max(...keys.map((key) => key.first));
  const groups = new Map(keys.map((key) => [key.vendorId, []]));
  for (const row of await select("vendorOffers", most, [...groups.keys()])) {
    groups.get(row.vendor_id).push(row);
  }
  return keys.map((key) => groups.get(key.vendorId).slice(0, key.first));
}
