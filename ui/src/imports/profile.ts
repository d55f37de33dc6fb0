// What a look through a file finds. The API passes it on as the reader of files gives it, so its form is written here.
import type { RowFault } from '../api/nouns';

export interface Word {
  value: string;
  count: number;
}
export interface ProfileColumn {
  name: string;
  kind: 'empty' | 'int' | 'decimal' | 'date_time' | 'boolean' | 'codes' | 'text';
  time_formats: string[];
  misfits: number;
  impossible_dates: number;
  first_misfit_line?: number;
  blanks: number;
  null_words: Word[];
  distinct: number;
  has_more_distinct: boolean;
  common: Word[];
  min?: string;
  max?: string;
}
export interface Repeats {
  of: string;
  rows: number;
  examples: { value: string; first_line: number; line: number }[];
  is_partial: boolean;
}
export interface Trial {
  mapping: string;
  taken: number;
  kept_back: number;
  default_points: number;
  local_classes: number;
  faults: Record<string, number>;
  warnings: Record<string, number>;
  examples: RowFault[];
}
export interface Profile {
  file: { compression: string; format: { kind: string; delimiter?: string }; encoding?: string; has_bom: boolean; lines?: number };
  rows: number;
  broken_rows: number;
  broken_examples: RowFault[];
  columns: ProfileColumn[];
  coordinates: { x: string; y: string; rows: number; zeros: number; swapped: number; suspects: { x: number; y: number; rows: number; share: number }[] }[];
  repeated_ids: Repeats[];
  look_alikes?: Repeats;
  trial?: Trial;
  questions: { code: string; columns: string[]; message: string }[];
}
