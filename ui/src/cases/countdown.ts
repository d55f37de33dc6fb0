// What a case's deadline says now, in words and tone. Pure: the time is passed in.
import type { CaseSummary, Priority } from '../api/nouns';
import { span } from '../words/spans';

export interface Countdown {
  kind: 'none' | 'left' | 'over' | 'paused' | 'met' | 'missed';
  /** Only the length, e.g. `2h 05m`; empty where there is none. */
  length: string;
  /** Red only when late, amber only when it soon will be. */
  tone: 'plain' | 'soon' | 'late';
}

const SOON_MS = 2 * 3_600_000;
const NONE: Countdown = { kind: 'none', length: '', tone: 'plain' };

export function countdown(of: Pick<CaseSummary, 'phase' | 'due_at' | 'is_paused' | 'timeliness'>, nowMs: number, lang: 'zh' | 'en'): Countdown {
  if (of.phase === 'void') return NONE;
  if (of.phase === 'closed') {
    if (of.timeliness === 'overdue') return { kind: 'missed', length: '', tone: 'late' };
    return of.timeliness === 'on_time' ? { kind: 'met', length: '', tone: 'plain' } : NONE;
  }
  if (!of.due_at) return NONE;
  const left = Date.parse(of.due_at) - nowMs;
  if (of.is_paused) return { kind: 'paused', length: span(Math.abs(left), lang), tone: 'plain' };
  if (left < 0) return { kind: 'over', length: span(-left, lang), tone: 'late' };
  return { kind: 'left', length: span(left, lang), tone: left < SOON_MS ? 'soon' : 'plain' };
}

/** How long a new case may wait before the desk has noticed it, by priority. */
const NOTICE_MS: Record<Priority, number> = { P1: 60_000, P2: 300_000, P3: 900_000, P4: 3_600_000 };
const UNNOTICED = new Set(['report', 'verify']);

/** How long a case has waited unnoticed beyond its allowance; 0 if it has not. */
export function waited(of: Pick<CaseSummary, 'state' | 'priority' | 'opened_at'>, nowMs: number): number {
  if (!UNNOTICED.has(of.state)) return 0;
  const age = nowMs - Date.parse(of.opened_at);
  return age > NOTICE_MS[of.priority] ? age : 0;
}
