// Who holds a post when, where nobody does, and shifts on the clocks on the wall.
import { describe, expect, it } from 'vitest';
import { type Dated, gaps, holders, nextShift } from '../src/posts/standing';
import { asLastWeek, barOn, hoursOf, isTaken, timesOf, weekOf } from '../src/posts/week';
import type { PostRow } from '../src/posts/calls';
import { fromLocal, toLocal } from '../src/words/zones';

const ZONE = 'Asia/Shanghai';
const at = (local: string): number => Date.parse(fromLocal(local, ZONE));
const row = (kind: Dated['kind'], account: number, from: string, until?: string, stands_for?: number): PostRow => ({
  id: 1, kind, account, from: fromLocal(from, ZONE), reference: '', at: fromLocal(from, ZONE), ...(until ? { until: fromLocal(until, ZONE) } : {}), ...(stands_for ? { stands_for } : {}),
});
const shift = (account: number, day: string, begin: string, hours: number): PostRow => ({ ...row('shift', account, `${day}T${begin}`), ...timesOf(day, { begin, hours }, ZONE) });
const MONDAY = '2026-11-23';
const binding = { roster: 'binding' as const, is_active: true };
const stretch = (found: { from: number; until: number }[]): string[] => found.map((gap) => `${toLocal(gap.from, ZONE)} ${toLocal(gap.until, ZONE)}`);

describe('who holds a post', () => {
  const member = row('member', 1, '2026-11-01T00:00');
  const deputy = row('deputy', 2, '2026-11-23T00:00', '2026-11-25T00:00', 1);
  const noon = at('2026-11-23T12:00');
  it('by membership, and by standing in for a member while there is one', () => {
    const free = { roster: 'none' as const, is_active: true };
    expect(holders(free, [member, deputy], noon).map((one) => one.account)).toEqual([1, 2]);
    expect(holders(free, [deputy], noon)).toEqual([]);
    expect(holders({ ...free, is_active: false }, [member], noon)).toEqual([]);
  });
  it('on shift only where the roster binds, which needs the membership as well', () => {
    const day = [shift(1, MONDAY, '08:00', 8), shift(3, MONDAY, '08:00', 8)];
    expect(holders(binding, [member, ...day], noon).map((one) => one.account)).toEqual([1]);
    expect(holders(binding, [member, ...day], at('2026-11-23T16:00'))).toEqual([]);
    expect(nextShift([member, shift(1, MONDAY, '20:00', 4), shift(2, MONDAY, '16:00', 4)], noon)?.account).toBe(2);
  });
});

describe('gaps', () => {
  const members = [row('member', 1, '2026-11-01T00:00'), row('member', 2, '2026-11-01T00:00')];
  const day = (...shifts: PostRow[]): string[] => stretch(gaps(binding, [...members, ...shifts], at('2026-11-23T00:00'), at('2026-11-24T00:00')));
  it('are found at three in the morning', () => {
    expect(day(shift(1, MONDAY, '00:00', 3), shift(2, MONDAY, '04:00', 12), shift(1, MONDAY, '16:00', 8))).toEqual(['2026-11-23T03:00 2026-11-23T04:00']);
  });
  it('are none where shifts meet or overlap, also over midnight', () => {
    expect(day(shift(1, '2026-11-22', '20:00', 12), shift(2, MONDAY, '07:00', 9), shift(1, MONDAY, '16:00', 12))).toEqual([]);
  });
  it('are the whole stretch where nobody has a shift, and what a shift of nobody leaves open', () => {
    expect(day()).toEqual(['2026-11-23T00:00 2026-11-24T00:00']);
    expect(day(shift(9, MONDAY, '08:00', 8))).toEqual(['2026-11-23T00:00 2026-11-24T00:00']);
  });
});

describe('a week', () => {
  it('begins on a Monday of the node', () => {
    const week = weekOf('2026-11-29', ZONE);
    expect([week.days[0], week.days[6], week.from, week.until]).toEqual([MONDAY, '2026-11-29', '2026-11-22T16:00:00.000Z', '2026-11-29T16:00:00.000Z']);
    expect(weekOf(MONDAY, ZONE).days[0]).toBe(MONDAY);
  });
  it('has shifts by the clocks on the wall', () => {
    expect(hoursOf(timesOf(MONDAY, { begin: '16:00', hours: 8 }, ZONE), ZONE)).toBe('16:00–24:00');
    const spring = timesOf('2026-03-28', { begin: '20:00', hours: 10 }, 'Europe/Berlin');
    expect(Date.parse(spring.until) - Date.parse(spring.from), 'the clocks go forward that night').toBe(9 * 3_600_000);
  });
  it('shows a night on both of its days', () => {
    const night = timesOf(MONDAY, { begin: '18:00', hours: 12 }, ZONE);
    expect(barOn(night, MONDAY, ZONE)).toEqual({ from: 0.75, until: 1 });
    expect(barOn(night, '2026-11-24', ZONE)).toEqual({ from: 0, until: 0.25 });
    expect(barOn(night, '2026-11-25', ZONE)).toBeUndefined();
  });
  it('takes last week over into what is free and not past', () => {
    const last = [shift(1, '2026-11-16', '08:00', 8), shift(2, '2026-11-17', '08:00', 8), shift(1, '2026-11-18', '08:00', 8), shift(4, '2026-11-19', '08:00', 8)];
    const kept = [shift(1, '2026-11-25', '12:00', 8)];
    const found = asLastWeek(last, kept, [], { zone: ZONE, now: at('2026-11-23T17:00'), monday: MONDAY, mayHave: (account) => account !== 4 });
    expect(found.map((draft) => `${draft.account} ${hoursOf(draft, ZONE)} ${draft.day}`)).toEqual(['2 08:00–16:00 2026-11-24']);
    expect(isTaken(1, timesOf('2026-11-25', { begin: '19:00', hours: 8 }, ZONE), kept, [])).toBe(true);
    expect(isTaken(1, timesOf('2026-11-25', { begin: '20:00', hours: 8 }, ZONE), kept, [])).toBe(false);
  });
});
