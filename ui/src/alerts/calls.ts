// What the alert screens ask of the server, typed from its own description.
import { api, got, ifMatch } from '../api/client';
import type { components } from '../api/schema';

type Schemas = components['schemas'];
// The client reads a rectangle as any list of numbers.
type Bounded<T> = Omit<T, 'bounds'> & { bounds?: number[] };
export type Alert = Bounded<Schemas['AlertSummary']>;
export type AlertDetail = Bounded<Schemas['AlertDetail']>;
export type AlertInfo = Schemas['AlertInfo'];
export type AlertArea = Schemas['AlertArea'];
export type AlertPage = Omit<Schemas['AlertPage'], 'items'> & { items: Alert[] };
export type AlertFeed = Schemas['AlertFeed'];
export type AlertTaken = Schemas['AlertTaken'];
export type Decision = Schemas['AlertDecision'];
export type CaseLine = Pick<Schemas['CaseSummary'], 'id' | 'number' | 'title' | 'opened_at'>;

export const listAlerts = (current: boolean, cursor?: string): Promise<AlertPage> =>
  got(api.GET('/api/alerts', { params: { query: { ...(current ? { current: 'true' } : {}), ...(cursor ? { cursor } : {}) } } }));
export const readAlert = (id: number): Promise<AlertDetail> => got(api.GET('/api/alerts/{id}', { params: { path: { id } } }));
export const casesAround = async (id: number): Promise<{ items: CaseLine[]; total: number }> => got(api.GET('/api/alerts/{id}/cases', { params: { path: { id }, query: { limit: '20' } } }));
export const decide = (alert: Alert, body: Decision): Promise<AlertDetail> =>
  got(api.POST('/api/alerts/{id}/moves', { params: { path: { id: alert.id }, header: ifMatch(alert.version) }, body }));
export const listFeeds = (): Promise<AlertFeed[]> => got(api.GET('/api/alert-feeds'));
/** Hands in a document as it is. */
export const handIn = (file: File): Promise<AlertTaken> =>
  got(api.POST('/api/alerts', { body: file as never, bodySerializer: (body: unknown) => body as Blob, headers: { 'content-type': 'application/cap+xml' } }));
