// Times of the server (UTC) in the node's time zone and the person's language.
import { settings } from '../app/settings.svelte';
import { session } from '../app/session.svelte';

type Style = 'full' | 'short' | 'day';
const OPTIONS: Record<Style, Intl.DateTimeFormatOptions> = {
  full: { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  short: { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { year: 'numeric', month: '2-digit', day: '2-digit' },
};
const cache = new Map<string, Intl.DateTimeFormat>();

function formatter(style: Style): Intl.DateTimeFormat {
  const zone = session.timeZone;
  const key = `${settings.lang} ${style} ${zone}`;
  let found = cache.get(key);
  if (!found) {
    const locale = settings.lang === 'en' ? 'en-GB' : 'zh-CN';
    found = new Intl.DateTimeFormat(locale, { ...OPTIONS[style], ...(zone ? { timeZone: zone } : {}) });
    cache.set(key, found);
  }
  return found;
}

/** A time, or an empty text for none. */
export function when(at: string | null | undefined, style: Style = 'short'): string {
  if (!at) return '';
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : formatter(style).format(date);
}

export function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** What the wall clock of the node's zone shows at `at`, read as if it were UTC. */
function wallClock(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }).formatToParts(at);
  const get = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'));
}

/** The instant at which the node's clocks show `local` (`2026-03-01T09:30`), as RFC 3339. */
export function fromLocal(local: string, zone = session.timeZone ?? 'UTC'): string {
  const wanted = Date.parse(`${local}Z`);
  const guess = wanted - (wallClock(wanted, zone) - wanted);
  return new Date(guess - (wallClock(guess, zone) - wanted)).toISOString();
}
