// Tables every screen reads: classes, offices, procedure, cells. Loaded once per session; names in the person's language.
import { api, ask } from '../api/client';
import type { Cell, Class, Named, Office, Procedure } from '../api/nouns';
import { settings } from './settings.svelte';

interface Tables {
  classes: Class[];
  offices: Office[];
  cells: Cell[];
  procedure: Procedure;
}

const NONE: Tables = { classes: [], offices: [], cells: [], procedure: { states: [], moves: [], reasons: {} } };
let tables = $state.raw<Tables>(NONE);
const classOf = $derived(new Map(tables.classes.map((c) => [c.code, c])));
const officeOf = $derived(new Map(tables.offices.map((o) => [o.id, o])));
const cellOf = $derived(new Map(tables.cells.map((c) => [c.id, c])));
const stateOf = $derived(new Map(tables.procedure.states.map((s) => [s.code, s])));
const moveOf = $derived(new Map(tables.procedure.moves.map((m) => [m.code, m])));
const reasonOf = $derived(new Map(Object.values(tables.procedure.reasons).flat().map((r) => [r.code, r])));

/** The name in the person's language. */
export function nameOf(thing: { name_zh: string; name_en: string } | undefined, otherwise = ''): string {
  if (!thing) return otherwise;
  return settings.lang === 'en' ? thing.name_en || thing.name_zh : thing.name_zh || thing.name_en;
}

export const reference = {
  get classes(): Class[] {
    return tables.classes;
  },
  get offices(): Office[] {
    return tables.offices;
  },
  get cells(): Cell[] {
    return tables.cells;
  },
  get procedure(): Procedure {
    return tables.procedure;
  },
  class: (code: string | null | undefined): Class | undefined => (code == null ? undefined : classOf.get(code)),
  office: (id: number | null | undefined): Office | undefined => (id == null ? undefined : officeOf.get(id)),
  cell: (id: number | null | undefined): Cell | undefined => (id == null ? undefined : cellOf.get(id)),
  stateName: (code: string): string => nameOf(stateOf.get(code), code),
  moveName: (code: string): string => nameOf(moveOf.get(code), code),
  reasonName: (code: string): string => nameOf(reasonOf.get(code) as Named | undefined, code),
  officeName: (id: number | null | undefined): string => (id == null ? '' : nameOf(officeOf.get(id), `#${id}`)),
  className: (code: string | null | undefined): string => (code == null ? '' : nameOf(classOf.get(code), code)),
  cellName: (id: number | null | undefined): string => (id == null ? '' : nameOf(cellOf.get(id), `#${id}`)),
  /** Loads each table on its own: one that fails leaves codes in place of names, nothing worse. */
  async load(): Promise<void> {
    const [classes, offices, cells, procedure] = await Promise.allSettled([
      ask(api.GET('/api/classes')),
      ask(api.GET('/api/offices')),
      ask(api.GET('/api/cells')),
      ask(api.GET('/api/procedure')),
    ]);
    tables = {
      classes: classes.status === 'fulfilled' ? classes.value : [],
      offices: offices.status === 'fulfilled' ? offices.value : [],
      cells: cells.status === 'fulfilled' ? cells.value : [],
      procedure: procedure.status === 'fulfilled' ? procedure.value : NONE.procedure,
    };
  },
};
