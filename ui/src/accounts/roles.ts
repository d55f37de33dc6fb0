// The roles that are given to people, in the order they are offered.
import type { Role } from '../api/nouns';

export const ROLES: readonly Role[] = ['clerk', 'worker', 'duty', 'officer', 'supervisor', 'arbiter', 'commander', 'steward', 'admin', 'security', 'auditor', 'privacy'];

/** What comes with no group, and is no machine's. */
const APART: ReadonlySet<Role> = new Set<Role>(['admin', 'security', 'auditor', 'privacy']);
export const GROUP_ROLES: readonly Role[] = ROLES.filter((role) => !APART.has(role));
/** The roles of machines. */
export const MACHINE_ROLES: readonly Role[] = [...GROUP_ROLES, 'directory'];
