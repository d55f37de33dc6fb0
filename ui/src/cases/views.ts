// Views of the queue by name: those that come with the console, and a person's own, kept on this device.
import type { PlainKey } from '../words/words';

export interface View {
  name: string;
  /** Address query without the question mark. */
  query: string;
}

export const GIVEN: { title: PlainKey; query: string }[] = [
  { title: 'view.open', query: '' },
  { title: 'view.mine', query: 'mine=true' },
  { title: 'view.new', query: 'state=report,verify,accept&sort=-opened' },
  { title: 'view.urgent', query: 'priority=P1,P2' },
  { title: 'view.overdue', query: 'overdue=true' },
  { title: 'view.closed', query: 'phase=closed&sort=-updated' },
];

const KEY = 'anlan.views';

export function readViews(): View[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((v): v is View => typeof v?.name === 'string' && typeof v?.query === 'string') : [];
  } catch {
    return [];
  }
}

export function keepViews(views: View[]): void {
  localStorage.setItem(KEY, JSON.stringify(views));
}
