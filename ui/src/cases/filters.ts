// What the queue shows, as data: address bar ↔ filters ↔ server query. Pure, and the only place that knows the names.
import type { CaseQuery } from '../api/nouns';
import { fromLocal } from '../words/zones';

export const LISTS = ['state', 'class', 'office', 'cell', 'priority'] as const;
export const TEXTS = ['q', 'channel', 'source', 'division', 'bbox', 'opened_from', 'opened_to'] as const;
export const FLAGS = ['overdue', 'mine'] as const;
export const SORTS = ['due', '-opened', '-updated', 'priority'] as const;
export const PHASES = ['open', 'closed', 'void', 'all'] as const;

export type ListName = (typeof LISTS)[number];
export type TextName = (typeof TEXTS)[number];
export type FlagName = (typeof FLAGS)[number];
export type Sort = (typeof SORTS)[number];
export type PhaseChoice = (typeof PHASES)[number];
export type Filters = Record<ListName, string[]> & Record<TextName, string> & Record<FlagName, boolean> & { phase: PhaseChoice; sort: Sort };

const BBOX = /^-?\d+(\.\d+)?(,-?\d+(\.\d+)?){3}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function noFilters(): Filters {
  return {
    state: [], class: [], office: [], cell: [], priority: [],
    q: '', channel: '', source: '', division: '', bbox: '', opened_from: '', opened_to: '',
    overdue: false, mine: false, phase: 'open', sort: 'due',
  };
}

/** Reads what it knows and ignores the rest: a mistyped address still opens. */
export function readFilters(search: string): Filters {
  const query = new URLSearchParams(search);
  const filters = noFilters();
  for (const name of LISTS) filters[name] = [...new Set((query.get(name) ?? '').split(',').map((v) => v.trim()).filter(Boolean))];
  for (const name of TEXTS) filters[name] = (query.get(name) ?? '').trim();
  for (const name of FLAGS) filters[name] = query.get(name) === 'true';
  if (!BBOX.test(filters.bbox)) filters.bbox = '';
  if (!DAY.test(filters.opened_from)) filters.opened_from = '';
  if (!DAY.test(filters.opened_to)) filters.opened_to = '';
  const phase = query.get('phase') as PhaseChoice;
  const sort = query.get('sort') as Sort;
  if (PHASES.includes(phase)) filters.phase = phase;
  if (SORTS.includes(sort)) filters.sort = sort;
  return filters;
}

/** Only what differs from the plain queue, in a fixed order, so that equal filters give equal addresses. */
export function writeFilters(filters: Filters): URLSearchParams {
  const query = new URLSearchParams();
  if (filters.phase !== 'open') query.set('phase', filters.phase);
  for (const name of LISTS) if (filters[name].length) query.set(name, filters[name].join(','));
  for (const name of FLAGS) if (filters[name]) query.set(name, 'true');
  for (const name of TEXTS) if (filters[name]) query.set(name, filters[name]);
  if (filters.sort !== 'due') query.set('sort', filters.sort);
  return query;
}

/** The day after, for a last day that is meant to be included. */
function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** The same for the server, which has no default phase, and takes instants where people choose days of the node's zone. */
export function serverQuery(filters: Filters, zone = 'UTC'): CaseQuery {
  const query = writeFilters(filters);
  query.delete('sort');
  if (filters.phase === 'all') query.delete('phase');
  else query.set('phase', filters.phase);
  if (filters.opened_from) query.set('opened_from', fromLocal(`${filters.opened_from}T00:00`, zone));
  if (filters.opened_to) query.set('opened_to', fromLocal(`${dayAfter(filters.opened_to)}T00:00`, zone));
  return Object.fromEntries(query) as CaseQuery;
}

/** How many things narrow the queue; the phase and the order do not count. */
export function countFilters(filters: Filters): number {
  return (
    LISTS.reduce((n, name) => n + (filters[name].length ? 1 : 0), 0) +
    TEXTS.reduce((n, name) => n + (filters[name] ? 1 : 0), 0) +
    FLAGS.reduce((n, name) => n + (filters[name] ? 1 : 0), 0)
  );
}

/** The address of the desk with these filters, keeping what else the address says (layers, selection not). */
export function deskAddress(filters: Filters, keep?: URLSearchParams): string {
  const query = writeFilters(filters);
  for (const name of ['map', 'layers']) {
    const value = keep?.get(name);
    if (value) query.set(name, value);
  }
  const text = query.toString().replaceAll('%2C', ',');
  return text ? `/desk?${text}` : '/desk';
}

interface Judged {
  phase: string;
  state: string;
  priority: string;
  office?: number | null;
  cell?: number | null;
  point?: [number, number] | null;
  overdue?: boolean;
}

const within = (list: string[], value: string | number | null | undefined): boolean => !list.length || (value != null && list.includes(String(value)));

/** Whether a changed case belongs to these filters, as far as a live event can tell. */
export function judge(filters: Filters, event: Judged): 'yes' | 'no' | 'unsure' {
  if (filters.phase !== 'all' && event.phase !== filters.phase) return 'no';
  if (!within(filters.state, event.state) || !within(filters.priority, event.priority)) return 'no';
  if (!within(filters.office, event.office) || !within(filters.cell, event.cell)) return 'no';
  if (filters.overdue && event.overdue === false) return 'no';
  if (filters.bbox && event.point) {
    const [w, s, e, n] = filters.bbox.split(',').map(Number) as [number, number, number, number];
    const [lon, lat] = event.point;
    if (lon < w || lon > e || lat < s || lat > n) return 'no';
  }
  const open = filters.class.length || filters.mine || filters.q || filters.channel || filters.source || filters.division || filters.opened_from || filters.opened_to;
  return open || (filters.overdue && event.overdue === undefined) || (filters.bbox && !event.point) ? 'unsure' : 'yes';
}
