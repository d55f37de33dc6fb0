// Where we are: path and query of the address bar, as state. Must not know what any screen shows.

const place = $state({ path: location.pathname, search: location.search });
let scheduled: ReturnType<typeof setTimeout> | undefined;

/** Paths that the server renders itself. */
const FOREIGN = /^\/(api|report|t|track|healthz)(\/|$|\?)/;

export const router = {
  get path(): string {
    return place.path;
  },
  get search(): string {
    return place.search;
  },
  /** Goes to an address of the console; `replace` leaves no step to come back to. */
  go(to: string, options: { replace?: boolean } = {}): void {
    clearTimeout(scheduled);
    const url = new URL(to, location.origin);
    const target = url.pathname + url.search;
    if (target === location.pathname + location.search) return;
    if (options.replace) history.replaceState(null, '', target);
    else history.pushState(null, '', target);
    place.path = url.pathname;
    place.search = url.search;
  },
  /** Changes one query value a little later: browsers refuse hundreds of changes in a few seconds (j held down). The
   * returned function calls it off, so that it can be an effect's clean-up. */
  note(name: string, value: string | undefined): () => void {
    clearTimeout(scheduled);
    scheduled = setTimeout(() => {
      const query = new URLSearchParams(place.search);
      if (value === undefined) query.delete(name);
      else query.set(name, value);
      const text = query.toString();
      place.search = text ? `?${text}` : '';
      history.replaceState(null, '', place.path + place.search);
    }, 250);
    const mine = scheduled;
    return () => clearTimeout(mine);
  },
};

addEventListener('popstate', () => {
  clearTimeout(scheduled);
  place.path = location.pathname;
  place.search = location.search;
});

/** Ordinary links stay ordinary links; only those inside the console skip the reload. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest?.('a');
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin || FOREIGN.test(link.pathname)) return;
  if (link.hash && link.pathname === location.pathname) return;
  event.preventDefault();
  router.go(link.pathname + link.search);
}
