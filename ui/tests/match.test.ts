// Finding classes and offices by any of their words.
import { describe, expect, it } from 'vitest';
import { matchWords } from '../src/parts/match';

describe('matchWords', () => {
  const text = '雨水井盖 Storm drain cover 市政公用设施 c01003';
  it.each(['', '井盖', 'cover storm', '市政 井', 'DRAIN', 'c01003', '雨水，井盖'])('finds by “%s”', (typed) => {
    expect(matchWords(typed, text)).toBe(true);
  });
  it.each(['路灯', 'drain lamp'])('does not find by “%s”', (typed) => {
    expect(matchWords(typed, text)).toBe(false);
  });
});
