// The server's contract as types: nouns, then paths in the form openapi-fetch reads.
// Written by hand until the generated schema takes its place; only `nouns.ts` and `client.ts` import it.

export type Role =
  | 'resident' | 'clerk' | 'worker' | 'duty' | 'officer' | 'supervisor'
  | 'arbiter' | 'commander' | 'steward' | 'admin' | 'auditor' | 'system';
export type Priority = 'P1' | 'P2' | 'P3' | 'P4';
export type Phase = 'open' | 'closed' | 'void';
export type Certainty = 'sure' | 'near_cell' | 'near_owner' | 'outside';
export type Datum = 'wgs84' | 'cgcs2000' | 'gcj02' | 'bd09';

export interface Account { id: number; name: string; display_name: string; roles: Role[]; office?: number; division: string; is_active: boolean }
export interface Session {
  account: Account;
  office?: Office;
  node: { name_zh: string; name_en: string; is_demo: boolean; time_zone: string; center: [number, number]; zoom: number };
  may: string[];
}
export interface Office {
  id: number; code: string; name_zh: string; name_en: string;
  kind: 'centre' | 'department' | 'street' | 'station';
  parent?: number; division: string; is_active: boolean;
}
export interface Class {
  code: string; kind: 'component' | 'matter' | 'local'; table: string;
  group_zh: string; group_en: string; name_zh: string; name_en: string;
  priority: Priority;
  closing: { photo: boolean; second_person: boolean; reporter_word: boolean };
  is_active: boolean; duplicate_radius_m: number;
}
export interface Named { code: string; name_zh: string; name_en: string }
export interface Procedure {
  states: (Named & { phase: Phase })[];
  moves: Named[];
  reasons: Record<string, Named[]>;
}
export interface Cell { id: number; code: string; name_zh: string; name_en: string; division: string; population?: number }

export interface CaseSummary {
  id: number; number: string; version: number; title: string; class?: string;
  state: string; phase: Phase; priority: Priority; office?: number; assignee?: number; cell?: number;
  address?: string; point?: [number, number]; certainty: Certainty;
  opened_at: string; updated_at: string; due_at?: string; state_due_at?: string; is_paused: boolean;
  timeliness: 'no_deadline' | 'running' | 'on_time' | 'overdue';
  reports: number; returns: number; urged: number; channel: string; source: string;
}
export interface CasePage { items: CaseSummary[]; next?: string; total: number; total_is_exact: boolean }
export interface MoveOffer {
  code: string; name_zh: string; name_en: string; allowed: boolean;
  why_not?: { code: string; zh: string; en: string };
  needs: { note: boolean; reason?: string; office: boolean; rule: boolean; until: boolean };
  grave: boolean;
}
export interface CaseReport {
  id: number; channel: string; source: string; description: string;
  reported_at: string; received_at: string; has_contact: boolean; facts: Record<string, string>;
}
export interface CasePhoto { id: number; shows: string; width: number; height: number; at: string }
export interface TimelineEntry {
  seq: number; at: string; by?: number; by_name?: string; kind: string; move?: string;
  from?: string; to?: string; reason?: string; rule_cited?: string; note?: string; office?: number; body: object;
}
export interface CaseDetail extends CaseSummary {
  description: string;
  place: {
    address?: string; point?: [number, number]; error_m?: number; datum: string; certainty: string;
    other_cells: number[]; division?: string; is_default_point: boolean;
  };
  route?: { rule_set: number; rule?: string; office: number; explain_zh: string; explain_en: string };
  clocks: {
    due_at?: string; state_due_at?: string; state_since?: string; extensions: number;
    pauses: { reason: string; from: string; until?: string }[];
    remaining_s?: number;
  };
  closing?: { reason: string; note: string; at: string; by?: number; forced: boolean };
  rating?: { stars: number; is_fixed: boolean; comment: string; at: string };
  is_arbitrated: boolean; reopened: number; reworks: number;
  report_list: CaseReport[];
  photos: CasePhoto[];
  timeline: TimelineEntry[];
  moves: MoveOffer[];
  merged_into?: number; split_from?: number;
}
export interface Nearby { id: number; number: string; title: string; class?: string; distance_m: number; hours_apart: number; score: number; state: string }
export interface Contact { name?: string; phone?: string; email?: string }
export interface MoveBody { move: string; note?: string; reason?: string; rule_cited?: string; office?: number; until?: string }
export interface BulkBody { cases: { id: number; version: number }[]; move: string; note?: string; reason?: string; office?: number }
export interface BulkDone { done: number[]; refused: { id: number; code: string; zh: string; en: string }[] }
export interface CasePatch { class?: string; point?: [number, number]; datum?: Datum; error_m?: number; address?: string; priority?: Priority }

export interface Cluster { lon: number; lat: number; count: number; overdue: number; id?: number; bbox: [number, number, number, number] }
export interface MapPage { clusters: Cluster[]; total: number }
export interface Heat { cells: { id: number; count: number; overdue: number }[] }
export interface Counts {
  total: number; overdue: number;
  by_state: Record<string, number>; by_priority: Record<string, number>;
  by_office: Record<string, number>; by_class: Record<string, number>;
}

export interface NewReport {
  channel: string; class?: string; title: string; description: string; address?: string;
  point?: [number, number]; datum?: Datum; error_m?: number;
  contact?: Contact; about_office?: number; idempotency_key?: string;
}
export interface ReportDone {
  case: number; number: string; tracking_code: string; track_url: string;
  due_at?: string; office?: number; rule?: string; duplicates: Nearby[];
}

export interface Fault { line: number; column?: string; value?: string; code: string; message: string }
export interface Import {
  id: number; file: string; digest: string; mapping: string;
  state: 'queued' | 'running' | 'stopped' | 'done' | 'refused';
  rows: number; imported: number; known: number; quarantined: number;
  bytes_done: number; bytes_total: number; started_at: string; ended_at?: string; error?: string;
}
export interface QuarantinedRow { id: number; import: number; faults: Fault[]; fields: [string, string][]; mended_at?: string }
export interface Upload { upload: string; file: string; bytes: number }
export interface Mapping { name: string; title_zh: string; title_en: string; description: string }
export interface Word { value: string; count: number }
export interface ProfileColumn {
  name: string; kind: 'empty' | 'int' | 'decimal' | 'date_time' | 'boolean' | 'codes' | 'text';
  time_formats: string[]; misfits: number; impossible_dates: number; first_misfit_line?: number;
  blanks: number; null_words: Word[]; distinct: number; has_more_distinct: boolean; common: Word[];
  min?: string; max?: string;
}
export interface Repeats { of: string; rows: number; examples: { value: string; first_line: number; line: number }[]; is_partial: boolean }
export interface Trial {
  mapping: string; taken: number; kept_back: number; default_points: number; local_classes: number;
  faults: Record<string, number>; warnings: Record<string, number>; examples: Fault[];
}
export interface Profile {
  file: { compression: string; format: { kind: string; delimiter?: string }; encoding?: string; has_bom: boolean; lines?: number };
  rows: number; broken_rows: number; broken_examples: Fault[];
  columns: ProfileColumn[];
  coordinates: { x: string; y: string; rows: number; zeros: number; swapped: number; suspects: { x: number; y: number; rows: number; share: number }[] }[];
  repeated_ids: Repeats[];
  look_alikes?: Repeats;
  trial?: Trial;
  questions: { code: string; columns: string[]; message: string }[];
}

export type Channel = 'web' | 'hotline' | 'worker' | 'office' | 'import';
/** `office` is an office's code, or e.g. `street-of-place`; `hours` e.g. `mon-fri 08:00-18:00`, `offdays`. */
export interface Rule {
  name: string; classes: string[]; groups: string[]; divisions: string[]; cells: string[];
  hours: string[]; keywords: string[]; channels: Channel[]; office: string;
}
export interface RuleSet { version: number; rules: Rule[]; fallback_office: string }
export interface RuleTrial {
  tried: number; changed: number; per_rule: Record<string, number>; fallback: number;
  samples: { case: number; number: string; old_office?: number; new_office?: number; rule?: string }[];
}

export interface CaseEvent {
  id: number; version: number; state: string; phase: Phase; office?: number; cell?: number;
  point?: [number, number]; priority: Priority; overdue: boolean;
}
export interface Problem {
  type: string; title: string; status: number; detail: string; code: string;
  fields?: { field: string; code: string; message: string }[]; kept?: string;
}

export interface CaseQuery {
  phase?: string; state?: string; class?: string; office?: string; cell?: string; priority?: string;
  overdue?: string; q?: string; channel?: string; source?: string; mine?: string; division?: string;
  bbox?: string; opened_from?: string; opened_to?: string;
}

type Json<T> = { headers: Record<string, unknown>; content: { 'application/json': T } };
type Fails = { headers: Record<string, unknown>; content: { 'application/problem+json': Problem } };
type Op<O extends { query?: object; path?: object; header?: object; body?: object; reply?: unknown }> = {
  parameters: {
    query?: O extends { query: infer Q } ? Q : never;
    cookie?: never;
  } & (O extends { path: infer P } ? { path: P } : { path?: never }) &
    (O extends { header: infer H } ? { header: H } : { header?: never });
  responses: { 200: Json<O extends { reply: infer R } ? R : never>; default: Fails };
} & (O extends { body: infer B } ? { requestBody: { content: { 'application/json': B } } } : { requestBody?: never });
type Id = { id: number | string };
type IfMatch = { 'If-Match': string };

export interface paths {
  '/api/session': {
    get: Op<{ reply: Session }>;
    post: Op<{ body: { name: string; password: string }; reply: Session }>;
    delete: Op<object>;
  };
  '/api/classes': { get: Op<{ reply: Class[] }> };
  '/api/offices': { get: Op<{ reply: Office[] }> };
  '/api/procedure': { get: Op<{ reply: Procedure }> };
  '/api/cells': { get: Op<{ reply: Cell[] }> };
  '/api/cases': { get: Op<{ query: CaseQuery & { sort?: string; limit?: number; cursor?: string }; reply: CasePage }> };
  '/api/cases/{id}': {
    get: Op<{ path: Id; reply: CaseDetail }>;
    patch: Op<{ path: Id; header: IfMatch; body: CasePatch; reply: CaseDetail }>;
  };
  '/api/cases/{id}/moves': { post: Op<{ path: Id; header: IfMatch; body: MoveBody; reply: CaseDetail }> };
  '/api/cases/{id}/notes': { post: Op<{ path: Id; body: { note: string }; reply: CaseDetail }> };
  '/api/cases/{id}/duplicates': { get: Op<{ path: Id; reply: Nearby[] }> };
  '/api/cases/{id}/merge': { post: Op<{ path: Id; body: { into: number }; reply: CaseDetail }> };
  '/api/cases/{id}/split': { post: Op<{ path: Id; body: { reports: number[] }; reply: CaseDetail }> };
  '/api/cases/{id}/contact': { get: Op<{ path: Id; query: { purpose: string }; reply: Contact }> };
  '/api/moves': { post: Op<{ body: BulkBody; reply: BulkDone }> };
  '/api/map': { get: Op<{ query: CaseQuery & { zoom: number }; reply: MapPage }> };
  '/api/map/heat': { get: Op<{ query: CaseQuery; reply: Heat }> };
  '/api/counts': { get: Op<{ query: CaseQuery; reply: Counts }> };
  '/api/reports': { post: Op<{ body: NewReport; reply: ReportDone }> };
  '/api/mappings': { get: Op<{ reply: Mapping[] }> };
  '/api/uploads/{upload}/profile': { post: Op<{ path: { upload: string }; body: { mapping?: string }; reply: Profile }> };
  '/api/imports': {
    get: Op<{ reply: Import[] }>;
    post: Op<{ body: { upload: string; mapping: string; datum: Datum }; reply: Import }>;
  };
  '/api/imports/{id}': { get: Op<{ path: Id; reply: Import }> };
  '/api/imports/{id}/quarantine': { get: Op<{ path: Id; query: { cursor?: string }; reply: { items: QuarantinedRow[]; next?: string } }> };
  '/api/imports/{id}/replay': { post: Op<{ path: Id; reply: Import }> };
  '/api/imports/{id}/stop': { post: Op<{ path: Id; reply: Import }> };
  '/api/imports/{id}/resume': { post: Op<{ path: Id; reply: Import }> };
  '/api/quarantine/{id}': { patch: Op<{ path: Id; body: { fields: Record<string, string> }; reply: QuarantinedRow }> };
  '/api/rules': {
    get: Op<{ reply: RuleSet }>;
    put: Op<{ body: RuleSet; reply: RuleSet }>;
  };
  '/api/rules/try': { post: Op<{ body: RuleSet; reply: RuleTrial }> };
}
