// Lengths of time in words a person reads at a glance: the two largest units, never more.

const MIN = 60_000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;
const UNITS = { zh: { d: '天', h: '时', m: '分', now: '不足1分' }, en: { d: 'd', h: 'h', m: 'm', now: '<1m' } };

/** `ms` ≥ 0 as e.g. `3天4时`, `2时05分`, `12分` or `3d 4h`. */
export function span(ms: number, lang: 'zh' | 'en'): string {
  const unit = UNITS[lang];
  const gap = lang === 'en' ? ' ' : '';
  const days = Math.floor(ms / DAY);
  const hours = Math.floor((ms % DAY) / HOUR);
  const minutes = Math.floor((ms % HOUR) / MIN);
  if (days >= 10 || (days > 0 && hours === 0)) return `${days}${unit.d}`;
  if (days > 0) return `${days}${unit.d}${gap}${hours}${unit.h}`;
  if (hours > 0) return `${hours}${unit.h}${gap}${String(minutes).padStart(2, '0')}${unit.m}`;
  return minutes > 0 ? `${minutes}${unit.m}` : unit.now;
}
