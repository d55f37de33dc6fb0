// Who stands at a post at an instant, and when nobody does: for showing. The server decides by the same dated rows. Pure.
import type { Post, PostRow } from './calls';

/** What of a row says who is there when. */
export type Dated = Pick<PostRow, 'kind' | 'account' | 'from'> & Partial<Pick<PostRow, 'stands_for' | 'until'>>;
export interface Gap {
  from: number;
  until: number;
}

export function holds(row: Dated, at: number): boolean {
  return Date.parse(row.from) <= at && (row.until === undefined || at < Date.parse(row.until));
}

/** Rows of a kind that hold at an instant. */
export function rowsAt<R extends Dated>(rows: readonly R[], kind: Dated['kind'], at: number): R[] {
  return rows.filter((row) => row.kind === kind && holds(row, at));
}

/** Those who are members or stand in for one at an instant, on shift or not. */
export function people(rows: readonly Dated[], at: number): Set<number> {
  const members = new Set(rowsAt(rows, 'member', at).map((row) => row.account));
  const deputies = rowsAt(rows, 'deputy', at).filter((row) => row.stands_for !== undefined && members.has(row.stands_for));
  return new Set([...members, ...deputies.map((row) => row.account)]);
}

/** The rows of who holds the post at an instant: on shift where its roster binds. */
export function holders<R extends Dated>(post: Pick<Post, 'roster' | 'is_active'>, rows: readonly R[], at: number): R[] {
  if (!post.is_active) return [];
  const there = people(rows, at);
  if (post.roster === 'binding') return rowsAt(rows, 'shift', at).filter((row) => there.has(row.account));
  return [...rowsAt(rows, 'member', at), ...rowsAt(rows, 'deputy', at)].filter((row) => there.has(row.account));
}

/** The shift that begins next. */
export function nextShift<R extends Dated>(rows: readonly R[], at: number): R | undefined {
  const coming = rows.filter((row) => row.kind === 'shift' && Date.parse(row.from) > at && isReal(row));
  return coming.sort((a, b) => Date.parse(a.from) - Date.parse(b.from))[0];
}

/** A row that was ended before it began says nothing of any instant. */
export function isReal(row: Dated): boolean {
  return row.until === undefined || Date.parse(row.until) > Date.parse(row.from);
}

/** The stretches in which nobody holds a post that is held on shift only. */
export function gaps(post: Pick<Post, 'roster' | 'is_active'>, rows: readonly Dated[], from: number, until: number): Gap[] {
  const turns = rows.flatMap((row) => [Date.parse(row.from), row.until === undefined ? Number.NaN : Date.parse(row.until)]);
  const times = [...new Set([from, ...turns.filter((time) => time > from && time < until), until])].sort((a, b) => a - b);
  const found: Gap[] = [];
  for (const [at, start] of times.slice(0, -1).entries()) {
    const end = times[at + 1] ?? until;
    if (holders(post, rows, start).length > 0) continue;
    const last = found.at(-1);
    if (last?.until === start) last.until = end;
    else found.push({ from: start, until: end });
  }
  return found;
}
