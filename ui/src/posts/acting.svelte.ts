// The posts of the person signed in: which they hold, which they will, and acting for one of them.
import type { HeldPost } from '../api/nouns';
import { router } from '../app/router.svelte';
import { home } from '../app/screens';
import { session } from '../app/session.svelte';
import { listOwnPosts, listPeople } from './calls';

const state = $state<{ all: HeldPost[]; names: Record<number, string> }>({ all: [], names: {} });

/** Who is stood in for, by name: the server gives the id only. A name that cannot be asked for is left out. */
async function name(posts: readonly HeldPost[]): Promise<void> {
  const unknown = posts.filter((post) => post.stands_for !== undefined && !(post.stands_for in state.names));
  for (const office of new Set(unknown.map((post) => post.office))) {
    for (const one of await listPeople(office).catch(() => [])) state.names[one.id] = one.display_name;
  }
}

export const acting = {
  get held(): HeldPost[] {
    return state.all.filter((post) => post.is_held);
  },
  get coming(): HeldPost[] {
    return state.all.filter((post) => !post.is_held && post.turns_at);
  },
  /** Every post some row names the person at. */
  get all(): readonly HeldPost[] {
    return state.all;
  },
  /** Whether there is anything the person can be without a post. */
  get hasOwnRoles(): boolean {
    return (session.now?.account.roles.length ?? 0) > 0;
  },
  nameOf(post: HeldPost): string {
    return post.stands_for === undefined ? '' : (state.names[post.stands_for] ?? '');
  },
  async load(): Promise<void> {
    state.all = await listOwnPosts();
    await name(state.all);
  },
  /** The name behind the post that is being acted for, where it is somebody else's. */
  async nameCurrent(): Promise<void> {
    if (session.post) await name([session.post]);
  },
  /** Goes on for a post, or as oneself, where one begins as such. */
  async begin(post: number | undefined): Promise<void> {
    await session.actFor(post);
    session.beginAnew();
    router.go(home((action) => session.may(action)));
  },
};
