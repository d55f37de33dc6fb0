// What the grant screens ask of the server, typed from its own description.
import { api, ask } from '../api/client';
import type { components } from '../api/schema';

type Schemas = components['schemas'];
export type Grant = Schemas['Grant'];
export type Verdict = Schemas['GrantVerdict'];
export type Role = Schemas['Role'];
export type AccountName = Schemas['AccountName'];

/** The stricter shapes of the client's answers are for points and boxes, which grants have none of. */
async function got<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  return (await ask(call)) as T;
}

export const listGrants = (): Promise<Grant[]> => got(api.GET('/api/grants'));
export const openCase = (id: string, reason: string): Promise<Grant> => got(api.POST('/api/cases/{id}/opening', { params: { path: { id } }, body: { reason } }));
export const askRoles = (account: number, roles: Role[], reason: string): Promise<Grant> => got(api.POST('/api/grants', { body: { account, roles, reason } }));
export const askBackup = (reason: string, until: string | undefined): Promise<Grant> => got(api.POST('/api/grants/backups', { body: until === undefined ? { reason } : { reason, until } }));
export const answerGrant = (id: number, verdict: Verdict, note: string): Promise<Grant> => got(api.POST('/api/grants/{id}/answer', { params: { path: { id } }, body: { verdict, note } }));
export const listAccounts = (): Promise<AccountName[]> => got(api.GET('/api/accounts', { params: { query: {} } }));
