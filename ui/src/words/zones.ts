// Between a time on the node's clocks and the instant it means. Pure: the zone is passed in.

/** What the wall clock of the node's zone shows at `at`, read as if it were UTC. */
function wallClock(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }).formatToParts(at);
  const get = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'));
}

/** What the node's clocks show at `at`, as `2026-03-01T09:30`. */
export function toLocal(at: number, zone: string): string {
  return new Date(wallClock(at, zone)).toISOString().slice(0, 16);
}

/** The instant at which the node's clocks show `local` (`2026-03-01T09:30`), as RFC 3339. */
export function fromLocal(local: string, zone: string): string {
  const wanted = Date.parse(`${local}Z`);
  const guess = wanted - (wallClock(wanted, zone) - wanted);
  return new Date(guess - (wallClock(guess, zone) - wanted)).toISOString();
}
