// A week on the node's clocks, and shifts in it: their times, their place on a day, and last week's on this one. Pure.
import { fromLocal, toLocal } from '../words/zones';
import type { PostRow, Span } from './calls';
import { isReal } from './standing';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A shift that is wanted and not yet kept. */
export interface Draft extends Span {
  account: number;
  /** The day it was put on. */
  day: string;
}
/** When a shift begins on its day, and how long it lasts. */
export interface Length {
  begin: string;
  hours: number;
}
export interface Week extends Span {
  /** Monday first. */
  days: string[];
}
/** A part of a shift that lies on one day, in shares of it. */
export interface Bar {
  from: number;
  until: number;
}

export function dayPlus(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00Z`) + days * DAY).toISOString().slice(0, 10);
}
export function dayOf(at: number, zone: string): string {
  return toLocal(at, zone).slice(0, 10);
}

/** The week in which a day lies. */
export function weekOf(day: string, zone: string): Week {
  const monday = dayPlus(day, -((new Date(`${day}T00:00Z`).getUTCDay() + 6) % 7));
  const days = Array.from({ length: 7 }, (_, at) => dayPlus(monday, at));
  return { days, from: fromLocal(`${monday}T00:00`, zone), until: fromLocal(`${dayPlus(monday, 7)}T00:00`, zone) };
}

/** The instants of a shift, counted on the clocks on the wall: a night's eight hours end at eight. */
export function timesOf(day: string, { begin, hours }: Length, zone: string): Span {
  const end = new Date(Date.parse(`${day}T${begin}Z`) + hours * HOUR).toISOString().slice(0, 16);
  return { from: fromLocal(`${day}T${begin}`, zone), until: fromLocal(end, zone) };
}

/** What of a stretch lies on a day; nothing if none does. */
export function barOn(span: { from: string; until?: string | undefined }, day: string, zone: string): Bar | undefined {
  const start = Date.parse(fromLocal(`${day}T00:00`, zone));
  const end = Date.parse(fromLocal(`${dayPlus(day, 1)}T00:00`, zone));
  const from = Math.max(Date.parse(span.from), start);
  const until = Math.min(span.until === undefined ? end : Date.parse(span.until), end);
  return from < until ? { from: (from - start) / (end - start), until: (until - start) / (end - start) } : undefined;
}

/** `08:00–16:00`; the end of a day is 24:00. */
export function hoursOf(span: { from: string; until?: string | undefined }, zone: string): string {
  const clock = (at: string): string => toLocal(Date.parse(at), zone).slice(11);
  if (span.until === undefined) return `${clock(span.from)}–`;
  const end = clock(span.until);
  return `${clock(span.from)}–${end === '00:00' ? '24:00' : end}`;
}

const meets = (one: Span, other: { from: string; until?: string | undefined }): boolean =>
  Date.parse(one.from) < (other.until === undefined ? Infinity : Date.parse(other.until)) && Date.parse(other.from) < Date.parse(one.until);

/** Whether a person has a shift in a stretch already, kept or wanted. */
export function isTaken(account: number, span: Span, rows: readonly PostRow[], drafts: readonly Draft[]): boolean {
  return rows.some((row) => row.kind === 'shift' && row.account === account && isReal(row) && meets(span, row)) || drafts.some((draft) => draft.account === account && meets(span, draft));
}

/** Last week's shifts a week later, where they are not over and nothing stands in their way. */
export function asLastWeek(last: readonly PostRow[], rows: readonly PostRow[], drafts: readonly Draft[], { zone, now, monday, mayHave }: { zone: string; now: number; monday: string; mayHave: (account: number) => boolean }): Draft[] {
  const found: Draft[] = [];
  for (const row of last) {
    if (row.kind !== 'shift' || row.until === undefined || !isReal(row) || !mayHave(row.account)) continue;
    const [from, until] = [toLocal(Date.parse(row.from), zone), toLocal(Date.parse(row.until), zone)];
    const day = dayPlus(from.slice(0, 10), 7);
    const draft = { account: row.account, day, from: fromLocal(`${day}${from.slice(10)}`, zone), until: fromLocal(`${dayPlus(until.slice(0, 10), 7)}${until.slice(10)}`, zone) };
    if (day >= monday && Date.parse(draft.until) > now && !isTaken(row.account, draft, rows, [...drafts, ...found])) found.push(draft);
  }
  return found;
}
