// Who is signed in, at which node, and what they may do. Decides nothing: the server does, this only hides what it would refuse.
import { api, ask, onLostPost, onLostSession, pauseCalls, Refusal } from '../api/client';
import type { Arrival, HeldPost, NextStep, Session } from '../api/nouns';
import { router } from './router.svelte';
import { applySettings } from './settings.svelte';

const state = $state<{ session: Session | undefined; status: 'asking' | 'in' | 'out' | 'unreachable'; turn: number }>({ session: undefined, status: 'asking', turn: 0 });

export type Step = NextStep['step'];

function enter(answer: Session | NextStep): Step | undefined {
  if ('step' in answer) return answer.step;
  take(answer);
  return undefined;
}

/** The session as the server has it now. Where its post has ended, only the session's own calls go out, and what is on the
 * screen stays as it was until the person has chosen: a form that went away would take what was typed with it. */
function take(answer: Session): void {
  const isEnded = answer.post?.is_held === false;
  state.session = isEnded ? { ...answer, may: state.session?.may ?? answer.may } : answer;
  state.status = 'in';
  pauseCalls(isEnded);
}
function drop(): void {
  pauseCalls(false);
  state.session = undefined;
  state.status = 'out';
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
  /** The post that the session acts for, if for one. */
  get post(): HeldPost | undefined {
    return state.session?.post;
  },
  /** Who sees what is shown: the account, and the post it acts for. */
  get actor(): string {
    return `${state.session?.account.id ?? ''} ${state.session?.post?.id ?? ''}`;
  },
  /** That post is not held any more: the person has to say how to go on. */
  get isPostEnded(): boolean {
    return state.session?.post?.is_held === false;
  },
  may(action: string): boolean {
    return state.session?.may.includes(action) ?? false;
  },
  /** Goes on with a session that the server has opened. */
  begin: take,
  async resume(): Promise<void> {
    state.status = 'asking';
    try {
      take(await ask(api.GET('/api/session')));
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
  /** Acts for a post held now, or for oneself. */
  async actFor(post: number | undefined): Promise<void> {
    take(await ask(api.PUT('/api/session/post', { body: post === undefined ? {} : { post } })));
  },
  /** How often the person went on as somebody else by their own choice: each time the screen begins anew. */
  get turn(): number {
    return state.turn;
  },
  beginAnew(): void {
    state.turn += 1;
  },
  async signOut(): Promise<void> {
    await api.DELETE('/api/session').catch(() => undefined);
    // The answer empties this browser's storage; how the person wants the console is theirs.
    applySettings();
    drop();
    router.go('/sign-in');
  },
};

onLostSession(drop);
// Asked anew instead of believed: an answer to what was asked before may come after the person has gone on for another post.
onLostPost(() => {
  if (!state.session?.post || state.session.post.is_held === false) return;
  pauseCalls(true);
  void ask(api.GET('/api/session')).then(take, () => pauseCalls(false));
});
