// The roles that are given to people, in the order they are offered.
import type { Role } from '../api/nouns';

export const ROLES: readonly Role[] = ['clerk', 'worker', 'duty', 'officer', 'supervisor', 'arbiter', 'commander', 'steward', 'admin', 'security', 'auditor', 'privacy'];
