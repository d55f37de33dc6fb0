// Which screen an address shows. Each is loaded when first visited.
import type { Component } from 'svelte';
import type { IconName } from '../parts/Icon.svelte';
import type { PlainKey } from '../words/words';

type Loaded = Promise<{ default: Component<{ id: string }> }>;
export interface Screen {
  title: PlainKey;
  load: () => Loaded;
  id: string;
  /** Uses the whole window, and scrolls within. */
  isFull: boolean;
}
interface Place {
  path: RegExp;
  title: PlainKey;
  load: () => Promise<unknown>;
  isFull?: boolean;
}

const PLACES: Place[] = [
  { path: /^\/desk$/, title: 'desk.title', load: () => import('../cases/Desk.svelte'), isFull: true },
  { path: /^\/cases\/([^/]+)$/, title: 'case.title', load: () => import('../cases/CaseScreen.svelte') },
  { path: /^\/new$/, title: 'new.title', load: () => import('../reports/NewReport.svelte') },
  { path: /^\/imports$/, title: 'imports.title', load: () => import('../imports/ImportsScreen.svelte') },
  { path: /^\/imports\/(\d+)$/, title: 'imports.one', load: () => import('../imports/ImportScreen.svelte') },
  { path: /^\/warnings$/, title: 'warning.title', load: () => import('../warnings/WarningsScreen.svelte') },
  { path: /^\/warnings\/budget$/, title: 'warning.budget', load: () => import('../warnings/BudgetScreen.svelte') },
  { path: /^\/warnings\/(\d+)$/, title: 'warning.title', load: () => import('../warnings/WarningScreen.svelte') },
  { path: /^\/alerts$/, title: 'alert.title', load: () => import('../alerts/AlertsScreen.svelte') },
  { path: /^\/alerts\/(\d+)$/, title: 'alert.title', load: () => import('../alerts/AlertScreen.svelte') },
  { path: /^\/reviews$/, title: 'review.title', load: () => import('../reviews/ReviewsScreen.svelte') },
  { path: /^\/reviews\/(\d+)$/, title: 'review.title', load: () => import('../reviews/ReviewScreen.svelte') },
  { path: /^\/rules$/, title: 'rules.title', load: () => import('../rules/RulesScreen.svelte') },
  { path: /^\/accounts$/, title: 'accounts.title', load: () => import('../accounts/AccountsScreen.svelte') },
  { path: /^\/accounts\/(\d+)$/, title: 'account.title', load: () => import('../accounts/AccountScreen.svelte') },
  { path: /^\/grants$/, title: 'grant.title', load: () => import('../grants/GrantsScreen.svelte') },
  { path: /^\/posts$/, title: 'posts.title', load: () => import('../posts/PostsScreen.svelte') },
  { path: /^\/posts\/(\d+)$/, title: 'post.title', load: () => import('../posts/PostScreen.svelte') },
  { path: /^\/security$/, title: 'security.title', load: () => import('../accounts/SecurityScreen.svelte') },
  { path: /^\/settings$/, title: 'settings.title', load: () => import('../accounts/SettingsScreen.svelte') },
];

export function screenAt(path: string): Screen | undefined {
  for (const place of PLACES) {
    const match = place.path.exec(path);
    if (match) return { title: place.title, load: place.load as () => Loaded, id: decodeURIComponent(match[1] ?? ''), isFull: place.isFull ?? false };
  }
  return undefined;
}

export interface Way {
  href: string;
  icon: IconName;
  title: PlainKey;
  /** Shown to those who may do this. */
  action: string;
  keys: string;
}

export const WAYS: Way[] = [
  { href: '/desk', icon: 'queue', title: 'nav.desk', action: 'case.list', keys: 'g q' },
  { href: '/warnings', icon: 'warn', title: 'nav.warnings', action: 'warning.read', keys: 'g w' },
  { href: '/alerts', icon: 'horn', title: 'nav.alerts', action: 'alert.read', keys: 'g l' },
  { href: '/new', icon: 'plus', title: 'nav.new', action: 'report.create', keys: 'g n' },
  { href: '/imports', icon: 'import', title: 'nav.imports', action: 'import.read', keys: 'g i' },
  { href: '/rules', icon: 'rules', title: 'nav.rules', action: 'rules.read', keys: 'g r' },
  { href: '/accounts', icon: 'person', title: 'nav.accounts', action: 'account.read', keys: 'g a' },
  { href: '/grants', icon: 'eye', title: 'nav.grants', action: 'grant.list', keys: 'g t' },
  { href: '/posts', icon: 'roster', title: 'nav.posts', action: 'post.read', keys: 'g p' },
  { href: '/reviews', icon: 'eye', title: 'nav.reviews', action: 'review.read', keys: 'g v' },
  { href: '/settings', icon: 'settings', title: 'nav.settings', action: 'session.use', keys: 'g s' },
];

/** Whether an address is for somebody who may do these: as the way to it is. */
export function mayShow(path: string, may: (action: string) => boolean): boolean {
  const way = WAYS.find((one) => path === one.href || path.startsWith(`${one.href}/`));
  return may(way?.action ?? (path.startsWith('/cases/') ? 'case.list' : 'session.use'));
}

/** Where somebody begins: the first of the ways that is theirs. */
export function home(may: (action: string) => boolean): string {
  return WAYS.find((way) => may(way.action))?.href ?? '/settings';
}
