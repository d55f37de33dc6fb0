// The desk's list: pages from the server's cursor, live changes in place, selection. Never reorders what is on screen.
import { api, ask, isAbort } from '../api/client';
import type { CaseMoved, CaseSummary, Counts } from '../api/nouns';
import { session } from '../app/session.svelte';
import { deskAddress, type Filters, judge, serverQuery, writeFilters } from './filters';

const PAGE = 100;

class Queue {
  rows = $state.raw<CaseSummary[]>([]);
  total = $state(0);
  status = $state<'loading' | 'ready' | 'failed'>('loading');
  error = $state.raw<unknown>();
  isLoadingMore = $state(false);
  hasMore = $state(false);
  /** New cases that belong here and are not shown yet. */
  fresh = $state.raw<ReadonlySet<number>>(new Set());
  /** Shown cases that have meanwhile moved out of the filters; they stay where they are until refreshed. */
  left = $state.raw<ReadonlySet<number>>(new Set());
  /** Chosen for a bulk move. */
  picked = $state.raw<ReadonlySet<number>>(new Set());
  activeId = $state<number | undefined>();
  counts = $state.raw<Counts | undefined>();
  /** Where the list was scrolled to, for coming back. */
  scrollTop = 0;

  #filters: Filters | undefined;
  #key: string | undefined;
  #next: string | undefined;
  #abort: AbortController | undefined;
  #places = new Map<number, number>();
  #candidates = new Set<number>();
  #check: ReturnType<typeof setTimeout> | undefined;

  get active(): CaseSummary | undefined {
    return this.activeId === undefined ? undefined : this.rowOf(this.activeId);
  }

  rowOf(id: number): CaseSummary | undefined {
    const at = this.#places.get(id);
    return at === undefined ? undefined : this.rows[at];
  }

  indexOf(id: number | undefined): number {
    return id === undefined ? -1 : (this.#places.get(id) ?? -1);
  }

  /** Shows these filters; the same filters again keep what is there, if the same person asks for the same post. */
  show(filters: Filters): void {
    const key = `${session.actor} ${writeFilters(filters).toString()}`;
    if (key === this.#key && this.status !== 'failed') return;
    const wasSame = key === this.#key;
    this.#key = key;
    this.#filters = filters;
    if (!wasSame) this.scrollTop = 0;
    void this.reload(true);
  }

  async reload(isNew = false): Promise<void> {
    if (!this.#filters) return;
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    if (isNew) {
      this.rows = [];
      this.#places.clear();
      this.picked = new Set();
      this.activeId = undefined;
    }
    this.status = this.rows.length ? 'ready' : 'loading';
    this.isLoadingMore = false;
    try {
      const query = { ...serverQuery(this.#filters, session.timeZone), sort: this.#filters.sort, limit: PAGE };
      const page = await ask(api.GET('/api/cases', { params: { query }, signal: abort.signal }));
      this.#set(page.items);
      this.total = page.total;
      this.#next = page.next ?? undefined;
      this.hasMore = this.#next !== undefined;
      this.fresh = new Set();
      this.left = new Set();
      this.#candidates.clear();
      this.picked = new Set([...this.picked].filter((id) => this.#places.has(id)));
      this.status = 'ready';
      void this.#count(abort.signal);
    } catch (error) {
      if (isAbort(error)) return;
      this.error = error;
      this.status = 'failed';
    }
  }

  async #count(signal: AbortSignal): Promise<void> {
    if (!this.#filters) return;
    try {
      this.counts = await ask(api.GET('/api/counts', { params: { query: serverQuery(this.#filters, session.timeZone) }, signal }));
    } catch {
      this.counts = undefined;
    }
  }

  async more(): Promise<void> {
    if (!this.#filters || !this.#next || this.isLoadingMore || this.status !== 'ready') return;
    this.isLoadingMore = true;
    const signal = this.#abort?.signal;
    try {
      const query = { ...serverQuery(this.#filters, session.timeZone), sort: this.#filters.sort, limit: PAGE, cursor: this.#next };
      const page = await ask(api.GET('/api/cases', { params: { query }, ...(signal ? { signal } : {}) }));
      this.#next = page.next ?? undefined;
      this.hasMore = this.#next !== undefined;
      this.total = page.total;
      this.#set([...this.rows, ...page.items.filter((item) => !this.#places.has(item.id))]);
    } catch (error) {
      if (!isAbort(error)) this.error = error;
    } finally {
      this.isLoadingMore = false;
    }
  }

  #set(rows: CaseSummary[]): void {
    this.rows = rows;
    this.#places = new Map(rows.map((row, at) => [row.id, at]));
  }

  /** Puts a newer form of a shown case in its place. */
  put(row: CaseSummary): void {
    const at = this.#places.get(row.id);
    if (at === undefined || !this.rows[at] || this.rows[at].version > row.version) return;
    const rows = [...this.rows];
    rows[at] = { ...rows[at], ...row };
    this.rows = rows;
    this.#judge(row);
  }

  #judge(row: Pick<CaseSummary, 'id' | 'phase' | 'state' | 'office' | 'cell' | 'priority' | 'point'> & { overdue?: boolean }): void {
    if (!this.#filters) return;
    const belongs = judge(this.#filters, row) !== 'no';
    if (belongs === !this.left.has(row.id)) return;
    const left = new Set(this.left);
    if (belongs) left.delete(row.id);
    else left.add(row.id);
    this.left = left;
  }

  /** A change from the live stream. */
  hear(event: CaseMoved): void {
    const row = this.rowOf(event.id);
    if (row) {
      if (event.version <= row.version) return;
      const { id, version, state, phase, priority } = event;
      const timeliness = event.overdue ? 'overdue' : phase === 'open' && row.due_at ? 'running' : row.timeliness;
      this.put({ ...row, id, version, state, phase, priority, timeliness, ...(event.office == null ? {} : { office: event.office }) });
      return;
    }
    const couldBeNew = event.version === 1 || (!this.hasMore && this.status === 'ready');
    if (!couldBeNew || !this.#filters || this.fresh.has(event.id)) return;
    const verdict = judge(this.#filters, event);
    if (verdict === 'yes') this.fresh = new Set([...this.fresh, event.id]);
    if (verdict === 'unsure') {
      this.#candidates.add(event.id);
      if (this.#check === undefined) this.#check = setTimeout(() => void this.#ask(), 2_000);
    }
  }

  /** Filters that an event cannot answer (words, class …) are put to the server, a few at a time. */
  async #ask(): Promise<void> {
    this.#check = undefined;
    if (!this.#filters) return;
    try {
      const query = { ...serverQuery(this.#filters, session.timeZone), sort: '-updated', limit: 50 };
      const page = await ask(api.GET('/api/cases', { params: { query } }));
      const found = page.items.filter((item) => this.#candidates.has(item.id) && !this.#places.has(item.id));
      this.#candidates.clear();
      if (found.length) this.fresh = new Set([...this.fresh, ...found.map((item) => item.id)]);
    } catch {
      this.#candidates.clear();
    }
  }

  /** Moves the cursor by `step` rows; `extend` picks the rows it passes. */
  step(step: number, extend = false): void {
    const at = this.indexOf(this.activeId);
    const to = Math.max(0, Math.min(this.rows.length - 1, at < 0 ? 0 : at + step));
    const row = this.rows[to];
    if (!row) return;
    if (extend && this.activeId !== undefined) this.pick([this.activeId, row.id]);
    this.activeId = row.id;
  }

  pick(ids: readonly number[]): void {
    this.picked = new Set([...this.picked, ...ids]);
  }

  toggle(id: number): void {
    const picked = new Set(this.picked);
    if (!picked.delete(id)) picked.add(id);
    this.picked = picked;
  }

  /** Picks everything between the cursor and `id`. */
  pickTo(id: number): void {
    const a = Math.max(0, this.indexOf(this.activeId));
    const b = this.indexOf(id);
    this.pick(this.rows.slice(Math.min(a, b), Math.max(a, b) + 1).map((row) => row.id));
    this.activeId = id;
  }

  unpick(): void {
    this.picked = new Set();
  }

  address(): string {
    return this.#filters ? deskAddress(this.#filters) : '/desk';
  }
}

/** One queue for the console, so that coming back from a case finds it as it was left. */
export const queue = new Queue();
