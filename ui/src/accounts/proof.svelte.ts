// Steps that change how one signs in: where the server wants to know once more who is there, a dialog asks, and the step is
// taken again. The dialog stands on the screen that uses this.
import { Refusal } from '../api/client';

const state = $state<{ waiting: { go: () => void; stop: (why: unknown) => void } | undefined }>({ waiting: undefined });

export const proof = {
  get isAsked(): boolean {
    return state.waiting !== undefined;
  },
  given(): void {
    state.waiting?.go();
    state.waiting = undefined;
  },
  refused(): void {
    state.waiting?.stop(new DOMException('not confirmed', 'AbortError'));
    state.waiting = undefined;
  },
};

/** Takes the step; asks for a proof and takes it again if that is what the server wants. */
export async function proven<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || refusal.code !== 'session.proof') throw refusal;
    await new Promise<void>((go, stop) => { state.waiting = { go, stop }; });
    return step();
  }
}
