// One open case: its detail, kept fresh, and the things one can do to it. Holds no words of the screen.
import { api, ask, ifMatch, isAbort, Refusal } from '../api/client';
import type { CaseDetail, CaseEdit, MoveRequest } from '../api/nouns';
import { live } from '../app/live.svelte';
import { queue } from './queue.svelte';

export class OpenCase {
  detail = $state.raw<CaseDetail | undefined>();
  status = $state<'loading' | 'ready' | 'failed'>('loading');
  error = $state.raw<unknown>();
  #id: number | string = '';
  #abort: AbortController | undefined;

  /** Loads a case by id or number, and follows its live changes until the returned function is called. */
  follow(id: number | string): () => void {
    this.#id = id;
    void this.load();
    const off = live.on('case', (event) => {
      if (event.id === this.detail?.id && event.version > this.detail.version) void this.load();
    });
    return () => {
      off();
      this.#abort?.abort();
    };
  }

  /** Loads a case without following it. */
  async loadOnce(id: number | string): Promise<void> {
    this.#id = id;
    await this.load();
  }

  async load(): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    if (this.detail && String(this.detail.id) !== String(this.#id) && this.detail.number !== this.#id) this.detail = undefined;
    if (!this.detail) this.status = 'loading';
    try {
      this.#take(await ask(api.GET('/api/cases/{id}', { params: { path: { id: String(this.#id) } }, signal: abort.signal })));
    } catch (error) {
      if (isAbort(error)) return;
      // Whoever may not see it any more, having gone on for another post, is not left with what was there.
      if (error instanceof Refusal && error.status === 404) this.detail = undefined;
      this.error = error;
      this.status = 'failed';
    }
  }

  #take(detail: CaseDetail): void {
    this.detail = detail;
    this.status = 'ready';
    queue.put(detail);
  }

  /** `decidedOn` is the version that was on screen when the person decided; live changes since then are a conflict, and
   * the server says who made them. Throws `Refusal`; after a conflict the fresh case has been loaded. */
  async move(body: MoveRequest, decidedOn?: number): Promise<CaseDetail> {
    return this.#change((id, version) => ask(api.POST('/api/cases/{id}/moves', { params: { path: { id: String(id) }, header: ifMatch(decidedOn ?? version) }, body })));
  }

  async edit(body: CaseEdit): Promise<CaseDetail> {
    return this.#change((id, version) => ask(api.PATCH('/api/cases/{id}', { params: { path: { id: String(id) }, header: ifMatch(version) }, body })));
  }

  async note(note: string): Promise<void> {
    await this.#change((id) => ask(api.POST('/api/cases/{id}/notes', { params: { path: { id: String(id) } }, body: { note } })));
    await this.load();
  }

  async merge(into: number): Promise<void> {
    await this.#change((id) => ask(api.POST('/api/cases/{id}/merge', { params: { path: { id: String(id) } }, body: { into } })));
    await this.load();
  }

  async split(reports: number[]): Promise<void> {
    await this.#change((id) => ask(api.POST('/api/cases/{id}/split', { params: { path: { id: String(id) } }, body: { reports } })));
    await this.load();
  }

  async #change(run: (id: number, version: number) => Promise<CaseDetail>): Promise<CaseDetail> {
    const detail = this.detail;
    if (!detail) throw new Error('no case is open');
    try {
      const changed = await run(detail.id, detail.version);
      if (changed?.id === detail.id && Array.isArray(changed.moves)) this.#take(changed);
      return changed;
    } catch (error) {
      if (error instanceof Refusal && (error.status === 409 || error.status === 412)) await this.load();
      throw error;
    }
  }
}
