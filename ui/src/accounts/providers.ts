// Signing in through a provider elsewhere: the way there and what the browser came back with. What it means is the server's to say.
import { api, ask } from '../api/client';
import type { Arrival, Provider } from '../api/nouns';

const BACK = '/sign-in/through/';

export const listProviders = (): Promise<Provider[]> => ask(api.GET('/api/session/providers'));

/** Leaves for the provider. */
export async function departTo(provider: string): Promise<void> {
  const { url } = await ask(api.POST('/api/session/provider', { body: { provider } }));
  location.assign(url);
}

/** What the browser came back with, if it comes from a provider. */
export function arrivalAt(path: string, search: string): Arrival | undefined {
  if (!path.startsWith(BACK)) return undefined;
  const query = new URLSearchParams(search);
  const code = query.get('code');
  const iss = query.get('iss');
  return { provider: path.slice(BACK.length), state: query.get('state') ?? '', ...(code === null ? {} : { code }), ...(iss === null ? {} : { iss }) };
}
