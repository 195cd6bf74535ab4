// Decides a scan without a network, by the table of docs/clients/scanners.md.

const [CANCELLED, INSIDE, IN_TRANSFER] = [1, 2, 4];

// Return the reason, and the ticket's record after the scan if it has changed. `shown` is what the QR code states, `known`
// the record. After the end of the bundle, only what is known to be revoked counts.
export function decide({ list, exp }, shown, known, { leaves, now }) {
  const record = known ?? { short: shown.short, generation: shown.generation, type: null, flags: 0, entries: 0 };
  const expired = exp * 1_000 <= now;
  const reason = refusal(list, shown, record, now, expired) ?? verdict(list, record, leaves, now, expired);
  if (reason !== "ADMITTED" && reason !== "LEFT") return { reason, after: null };
  return { reason, after: passed(record, leaves, now) };
}

// The record of a ticket that has entered or left.
export function passed(record, leaves, now) {
  if (leaves) return { ...record, flags: record.flags & ~INSIDE, at: now };
  return { ...record, flags: record.flags | INSIDE, entries: record.entries + 1, at: now };
}

function refusal(list, shown, record, now, expired) {
  const reasons = [
    [shown.date !== list.date, "WRONG_DATE"],
    [record.flags & CANCELLED, "CANCELLED"],
    [shown.generation !== record.generation, "OLD_GENERATION"],
    [!expired && record.type !== null && !list.types.includes(record.type), "WRONG_LIST"],
    [record.flags & IN_TRANSFER, "IN_TRANSFER"],
    [!expired && list.opens !== null && now < list.opens * 1_000, "NOT_YET"],
    [!expired && list.closes !== null && list.closes * 1_000 <= now, "TOO_LATE"],
  ];
  return reasons.find(([holds]) => holds)?.[1];
}

function verdict(list, record, leaves, now, expired) {
  const inside = record.flags & INSIDE;
  if (leaves) return inside || expired ? "LEFT" : "NOT_INSIDE";
  if (expired) return "ADMITTED";
  if (list.mode === "REENTRY") return inside && !missedExit(list, record, now) ? "ALREADY_INSIDE" : "ADMITTED";
  return record.entries >= (list.times ?? 1) ? "USED_UP" : "ADMITTED";
}

const missedExit = ({ reentry }, { at }, now) => Boolean(reentry && at && at + reentry * 60_000 <= now);
