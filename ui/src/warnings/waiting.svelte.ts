// How many warnings wait for somebody to look: the badge beside the way to them. Kept up to date by the live stream.
import { live } from '../app/live.svelte';
import { countWaiting } from './calls';

let count = $state(0);

async function refresh(): Promise<void> {
  // A badge that cannot be counted shows what it showed; the list itself tells what is wrong.
  count = await countWaiting().catch(() => count);
}

export const waiting = {
  get count(): number {
    return count;
  },
  /** Follows the stream; the returned function ends it, so it can be an effect's clean-up. */
  follow(): () => void {
    void refresh();
    return live.on('warning', () => void refresh());
  },
};
