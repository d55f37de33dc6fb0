// Who is signed in, at which node, and what they may do. Decides nothing: the server does, this only hides what it would refuse.
import { api, ask, onLostSession, Refusal } from '../api/client';
import type { Arrival, NextStep, Session } from '../api/nouns';
import { router } from './router.svelte';
import { applySettings } from './settings.svelte';

const state = $state<{ session: Session | undefined; status: 'asking' | 'in' | 'out' | 'unreachable' }>({ session: undefined, status: 'asking' });

export type Step = NextStep['step'];

function begin(answer: Session): void {
  state.session = answer;
  state.status = 'in';
}

function enter(answer: Session | NextStep): Step | undefined {
  if ('step' in answer) return answer.step;
  begin(answer);
  return undefined;
}

export const session = {
  get now(): Session | undefined {
    return state.session;
  },
  get status(): 'asking' | 'in' | 'out' | 'unreachable' {
    return state.status;
  },
  get timeZone(): string | undefined {
    return state.session?.node.time_zone;
  },
  may(action: string): boolean {
    return state.session?.may.includes(action) ?? false;
  },
  /** Goes on with a session that the server has opened. */
  begin,
  async resume(): Promise<void> {
    state.status = 'asking';
    try {
      state.session = await ask(api.GET('/api/session'));
      state.status = 'in';
    } catch (error) {
      state.session = undefined;
      state.status = error instanceof Refusal && error.status === 401 ? 'out' : 'unreachable';
    }
  },
  /** Name and password; answers the step that is wanted next, if one is. */
  async signIn(name: string, password: string): Promise<Step | undefined> {
    return enter(await ask(api.POST('/api/session', { body: { name, password } })));
  },
  async answerCode(code: string): Promise<Step | undefined> {
    return enter(await ask(api.POST('/api/session/code', { body: { code } })));
  },
  async answerPassword(password: string): Promise<Step | undefined> {
    return enter(await ask(api.POST('/api/session/password', { body: { password } })));
  },
  async answerPasskey(credential: Record<string, never>): Promise<void> {
    enter(await ask(api.POST('/api/session/passkey', { body: { credential } })));
  },
  async answerProvider(arrival: Arrival): Promise<Step | undefined> {
    return enter(await ask(api.POST('/api/session/provider/answer', { body: arrival })));
  },
  async signOut(): Promise<void> {
    await api.DELETE('/api/session').catch(() => undefined);
    // The answer empties this browser's storage; how the person wants the console is theirs.
    applySettings();
    state.session = undefined;
    state.status = 'out';
    router.go('/sign-in');
  },
};

onLostSession(() => {
  state.session = undefined;
  state.status = 'out';
});
