// What the warning screens ask of the server, typed from its own description.
import { api, got, ifMatch } from '../api/client';
import type { components } from '../api/schema';

type Schemas = components['schemas'];
export type Warning = Schemas['WarningSummary'];
export type WarningDetail = Schemas['WarningDetail'];
export type WarningPage = Schemas['WarningPage'];
export type WarningState = Schemas['WarningState'];
export type Decision = Schemas['WarningDecision'];
export type DismissReason = Schemas['DismissReason'];
export type ChartDay = Schemas['ChartDay'];
export type LookDay = Schemas['LookDay'];
export type WarningStep = Schemas['WarningStep'];
export type Review = Schemas['BudgetReview'];
export type Trial = Schemas['BudgetTrial'];
export type CaseLine = Pick<Schemas['CaseSummary'], 'id' | 'number' | 'title' | 'phase' | 'opened_at'>;

export const listWarnings = (states: readonly WarningState[], cursor?: string): Promise<WarningPage> =>
  got(api.GET('/api/warnings', { params: { query: { ...(states.length ? { state: states.join(',') } : {}), ...(cursor ? { cursor } : {}) } } }));
export const countWaiting = async (): Promise<number> => (await got(api.GET('/api/warnings', { params: { query: { state: 'raised', limit: '1' } } }))).waiting;
export const readWarning = (id: number): Promise<WarningDetail> => got(api.GET('/api/warnings/{id}', { params: { path: { id } } }));
export const casesBehind = async (id: number): Promise<{ items: CaseLine[]; total: number }> => got(api.GET('/api/warnings/{id}/cases', { params: { path: { id }, query: { limit: '20' } } }));
export const decide = (warning: Warning, body: Decision): Promise<WarningDetail> =>
  got(api.POST('/api/warnings/{id}/moves', { params: { path: { id: warning.id }, header: ifMatch(warning.version) }, body }));
export const readBudget = (): Promise<Review> => got(api.GET('/api/warning-budget'));
export const tryBudget = (perMonth: number): Promise<Trial> => got(api.GET('/api/warning-budget/trial', { params: { query: { false_alarms_per_month: String(perMonth) } } }));
export const setBudget = (perMonth: number): Promise<Review> => got(api.PUT('/api/warning-budget', { body: { false_alarms_per_month: perMonth } }));
