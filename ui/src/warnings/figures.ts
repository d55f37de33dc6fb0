// Figures of early warning in words and pictures' coordinates. Pure.

/** A count that may be a fraction: one decimal where it says something. */
export function about(value: number): string {
  return value < 9.95 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US');
}

/** Days as the unit people would use. */
export function spanOf(days: number): { unit: 'days' | 'months' | 'years' | 'century'; n: number } {
  if (days < 60) return { unit: 'days', n: Math.max(1, Math.round(days)) };
  if (days < 700) return { unit: 'months', n: Math.round(days / 30.4375) };
  if (days < 36_525) return { unit: 'years', n: Math.round(days / 365.25) };
  return { unit: 'century', n: 100 };
}

/** A round number at or above the largest value, for the top of an axis. */
export function axisTop(most: number): number {
  const raw = Math.max(most, 4);
  const step = 10 ** Math.floor(Math.log10(raw));
  for (const factor of [1, 2, 5, 10]) if (factor * step >= raw) return factor * step;
  return 10 * step;
}

export interface Plotted {
  bar: number;
  expected: number;
  upper: number;
}

/** How high each day's bar and lines reach in a box of this height, measured from its top. */
export function plot(days: readonly { observed: number; expected: number; upper: number }[], height: number): { top: number; days: Plotted[] } {
  const top = axisTop(Math.max(...days.map((day) => Math.max(day.observed, day.upper)), 1));
  const y = (value: number): number => height - (Math.min(value, top) / top) * height;
  return { top, days: days.map((day) => ({ bar: y(day.observed), expected: y(day.expected), upper: y(day.upper) })) };
}

/** The path of a line that keeps each height for the whole of its column, over a box of this width. */
export function stepped(heights: readonly number[], width: number): string {
  const step = width / Math.max(1, heights.length);
  return heights.map((y, at) => `${at === 0 ? 'M' : 'L'}${at * step} ${y}H${(at + 1) * step}`).join('');
}
