// One post's roster of one week as it is being written: what is kept, what is wanted, and what was refused about it.
import { Refusal } from '../api/client';
import { session } from '../app/session.svelte';
import { Sending } from '../parts/sending.svelte';
import { addRows, readPost, type Post, type PostRow } from './calls';
import { gaps, type Gap, isReal } from './standing';
import { asLastWeek, type Draft, dayOf, dayPlus, isTaken, type Length, timesOf, type Week, weekOf } from './week';

export interface Person {
  id: number;
  name: string;
  isOwn: boolean;
}
/** Most rows that are handed in together; the server's bound. */
export const ROWS_MAX = 500;

export class Plan {
  readonly zone = session.timeZone ?? 'UTC';
  readonly sending = new Sending();
  week = $state.raw<Week>(weekOf(dayOf(Date.now(), this.zone), this.zone));
  rows = $state.raw<PostRow[] | undefined>();
  drafts = $state.raw<Draft[]>([]);
  /** What the server said about a draft. */
  faults = $state.raw<ReadonlyMap<Draft, string>>(new Map());
  error = $state.raw<unknown>();
  #asked = 0;

  /** Whoever could be on shift in the week: members, deputies, and those who have one. */
  people = $derived.by((): Person[] => {
    const found = new Map<number, Person>();
    for (const row of this.rows ?? []) if (isReal(row)) found.set(row.account, { id: row.account, name: row.account_name ?? `#${row.account}`, isOwn: row.account === session.now?.account.id });
    return [...found.values()].sort((a, b) => a.id - b.id);
  });

  /** Where nobody would hold the post, from `now` on, or in a week that is over. */
  gaps(post: Post, now: number): Gap[] {
    const [from, until] = [Date.parse(this.week.from), Date.parse(this.week.until)];
    const wanted = this.drafts.map((draft) => ({ ...draft, kind: 'shift' as const }));
    return post.roster === 'binding' && post.is_active && this.rows ? gaps(post, [...this.rows, ...wanted], until <= now ? from : Math.max(from, now), until) : [];
  }

  async load(post: number): Promise<void> {
    this.#asked += 1;
    const mine = this.#asked;
    this.error = undefined;
    try {
      const { rows } = await readPost(post, this.week);
      if (mine === this.#asked) this.rows = rows;
    } catch (refusal) {
      this.error = refusal;
    }
  }

  /** Shows another week; 0 is this one. Drafts of the week that is left are dropped, so it is asked before. */
  turn(weeks: number): void {
    this.rows = undefined;
    this.clear();
    this.week = weekOf(weeks === 0 ? dayOf(Date.now(), this.zone) : dayPlus(this.week.days[0] ?? '', 7 * weeks), this.zone);
  }

  /** Whether a shift of that length could be put there. */
  isFree(account: number, day: string, length: Length, now: number): boolean {
    const span = timesOf(day, length, this.zone);
    return Date.parse(span.until) > now && !isTaken(account, span, this.rows ?? [], this.drafts);
  }

  put(account: number, day: string, length: Length): void {
    this.drafts = [...this.drafts, { account, day, ...timesOf(day, length, this.zone) }];
  }

  take(draft: Draft): void {
    this.drafts = this.drafts.filter((one) => one !== draft);
    this.faults = new Map([...this.faults].filter(([one]) => one !== draft));
  }

  clear(): void {
    this.drafts = [];
    this.faults = new Map();
    this.sending.error = undefined;
  }

  /** Puts last week's shifts into what is free; answers how many. */
  async fillAsLast(post: number): Promise<number> {
    let count = 0;
    await this.sending.run(async () => {
      const monday = this.week.days[0] ?? '';
      const last = await readPost(post, weekOf(dayPlus(monday, -7), this.zone));
      const mayHave = (account: number): boolean => this.people.some((one) => one.id === account && !one.isOwn);
      const found = asLastWeek(last.rows, this.rows ?? [], this.drafts, { zone: this.zone, now: Date.now(), monday, mayHave });
      this.drafts = [...this.drafts, ...found];
      count = found.length;
    });
    return count;
  }

  /** Hands all drafts in; whether they were kept. What was refused is put beside its draft. */
  async save(post: number): Promise<boolean> {
    const wanted = this.drafts;
    this.faults = new Map();
    await this.sending.run(async () => {
      await addRows(post, wanted.map(({ account, from, until }) => ({ kind: 'shift', account, from, until })));
      this.drafts = [];
      await this.load(post);
    });
    if (this.sending.error instanceof Refusal) this.faults = blamed(this.sending.error, wanted);
    return this.sending.error === undefined;
  }
}

/** Which draft each fault is about: the server names it by its place, `rows[3].until`. */
function blamed(refusal: Refusal, drafts: readonly Draft[]): Map<Draft, string> {
  const found = new Map<Draft, string>();
  for (const fault of refusal.problem.fields ?? []) {
    const draft = drafts[Number(/^rows\[(\d+)\]/.exec(fault.field)?.[1] ?? Number.NaN)];
    if (draft) found.set(draft, fault.message);
  }
  return found;
}
