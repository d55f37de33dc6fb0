// What a deadline says at each moment, in both languages.
import { describe, expect, it } from 'vitest';
import { countdown, waited } from '../src/cases/countdown';
import { addSample, paceOf } from '../src/imports/rate';
import { fromLocal } from '../src/words/zones';
import { span } from '../src/words/spans';

const NOW = Date.parse('2026-03-02T08:00:00Z');
const MIN = 60_000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;
const open = { phase: 'open' as const, is_paused: false, timeliness: 'running' as const };
const due = (ms: number): string => new Date(NOW + ms).toISOString();

describe('span', () => {
  it.each([
    [30_000, '不足1分', '<1m'],
    [12 * MIN, '12分', '12m'],
    [2 * HOUR + 5 * MIN, '2时05分', '2h 05m'],
    [3 * DAY + 4 * HOUR + 59 * MIN, '3天4时', '3d 4h'],
    [3 * DAY, '3天', '3d'],
    [12 * DAY + 5 * HOUR, '12天', '12d'],
  ])('%d ms', (ms, zh, en) => {
    expect(span(ms, 'zh')).toBe(zh);
    expect(span(ms, 'en')).toBe(en);
  });
});

describe('countdown', () => {
  it('counts down, warns in the last two hours, and counts on after', () => {
    expect(countdown({ ...open, due_at: due(3 * HOUR) }, NOW, 'en')).toEqual({ kind: 'left', length: '3h 00m', tone: 'plain' });
    expect(countdown({ ...open, due_at: due(2 * HOUR - 1) }, NOW, 'en').tone).toBe('soon');
    expect(countdown({ ...open, due_at: due(-DAY) }, NOW, 'zh')).toEqual({ kind: 'over', length: '1天', tone: 'late' });
  });
  it('is on time to the very moment', () => {
    expect(countdown({ ...open, due_at: due(0) }, NOW, 'en').kind).toBe('left');
    expect(countdown({ ...open, due_at: due(-1) }, NOW, 'en').kind).toBe('over');
  });
  it('never shows a paused case as late', () => {
    expect(countdown({ ...open, is_paused: true, due_at: due(-DAY) }, NOW, 'en')).toMatchObject({ kind: 'paused', tone: 'plain' });
  });
  it('judges closed cases by the server word, and void ones not at all', () => {
    expect(countdown({ ...open, phase: 'closed', timeliness: 'overdue', due_at: due(DAY) }, NOW, 'en').kind).toBe('missed');
    expect(countdown({ ...open, phase: 'closed', timeliness: 'on_time', due_at: due(-DAY) }, NOW, 'en').kind).toBe('met');
    expect(countdown({ ...open, phase: 'void', due_at: due(-DAY) }, NOW, 'en').kind).toBe('none');
  });
  it('says nothing without a deadline', () => {
    expect(countdown({ ...open, timeliness: 'no_deadline' }, NOW, 'en').kind).toBe('none');
  });
});

describe('waiting unnoticed', () => {
  const at = (ms: number): string => new Date(NOW - ms).toISOString();
  it('begins sooner for what is urgent, and ends when someone takes it', () => {
    expect(waited({ state: 'report', priority: 'P1', opened_at: at(2 * MIN) }, NOW)).toBe(2 * MIN);
    expect(waited({ state: 'report', priority: 'P3', opened_at: at(2 * MIN) }, NOW)).toBe(0);
    expect(waited({ state: 'dispatch', priority: 'P1', opened_at: at(DAY) }, NOW)).toBe(0);
  });
});

describe('pace of an import', () => {
  it('needs two reports apart, then gives rows per second and time left', () => {
    let samples = addSample([], { atMs: 0, rows: 0, bytes: 0 });
    expect(paceOf(samples, 1000)).toBeUndefined();
    samples = addSample(samples, { atMs: 2000, rows: 40_000, bytes: 400 });
    expect(paceOf(samples, 1000)).toEqual({ rowsPerS: 20_000, leftMs: 3000 });
  });
  it('starts anew when the file does', () => {
    const samples = addSample([{ atMs: 0, rows: 9, bytes: 900 }], { atMs: 1000, rows: 1, bytes: 10 });
    expect(samples).toEqual([{ atMs: 1000, rows: 1, bytes: 10 }]);
  });
});

describe('a local time of the node', () => {
  it('becomes the instant it names, whatever the browser thinks', () => {
    expect(fromLocal('2026-03-02T16:00', 'Asia/Shanghai')).toBe('2026-03-02T08:00:00.000Z');
    expect(fromLocal('2026-07-01T12:00', 'America/New_York')).toBe('2026-07-01T16:00:00.000Z');
    expect(fromLocal('2026-01-01T12:00', 'America/New_York')).toBe('2026-01-01T17:00:00.000Z');
  });
});
