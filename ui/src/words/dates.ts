// Times of the server (UTC) in the node's time zone and the person's language.
import { settings } from '../app/settings.svelte';
import { session } from '../app/session.svelte';

type Style = 'full' | 'short' | 'day' | 'weekday';
const OPTIONS: Record<Style, Intl.DateTimeFormatOptions> = {
  full: { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  short: { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { year: 'numeric', month: '2-digit', day: '2-digit' },
  weekday: { weekday: 'short', month: 'numeric', day: 'numeric' },
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
