// Cases that are open in an emergency now: shown on every screen until they end by themselves.
import { listGrants, type Grant } from './calls';

let grants = $state.raw<Grant[]>([]);
let timer: ReturnType<typeof setTimeout> | undefined;

function drop(): void {
  const now = Date.now();
  grants = grants.filter((grant) => Date.parse(grant.until) > now);
  const next = Math.min(...grants.map((grant) => Date.parse(grant.until) - now));
  clearTimeout(timer);
  if (grants.length) timer = setTimeout(drop, next + 250);
}

export const running = {
  get grants(): readonly Grant[] {
    return grants;
  },
  /** Asks once which run; a bar that cannot be filled is no reason to stop anybody's work. */
  async load(): Promise<void> {
    const all = await listGrants().catch(() => []);
    grants = all.filter((grant) => grant.state === 'running' && !grant.may_answer);
    drop();
  },
  put(grant: Grant): void {
    grants = [...grants, grant];
    drop();
  },
};
