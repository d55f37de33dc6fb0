// Something that is being sent: whether it is under way, and what was refused. One for each form or row of buttons.
import { Refusal } from '../api/client';

export class Sending {
  busy = $state(false);
  error: unknown = $state.raw();

  /** What was refused about this field, if anything. */
  field = (name: string): string | undefined => (this.error instanceof Refusal ? this.error.field(name) : undefined);

  /** Does it, and keeps what went wrong but for what is to be passed over. */
  async run(step: () => Promise<void>, passOver: (refusal: unknown) => boolean = () => false): Promise<void> {
    this.busy = true;
    this.error = undefined;
    try {
      await step();
    } catch (refusal) {
      if (!passOver(refusal)) this.error = refusal;
    } finally {
      this.busy = false;
    }
  }
}
