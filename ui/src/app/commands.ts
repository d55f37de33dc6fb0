// The command line's grammar: a case to open, a place to go, or a move with its case, office and words. Pure.
import type { Named, Office } from '../api/nouns';

export interface Words {
  moves: Named[];
  offices: Office[];
  ways: { href: string; words: string[] }[];
}

export type Command =
  | { kind: 'empty' }
  | { kind: 'case'; number: string }
  | { kind: 'go'; href: string }
  | { kind: 'move'; move: Named; number: string | undefined; office: Office | undefined; note: string; wrong: 'none' | 'number' | 'office' }
  | { kind: 'search'; text: string };

/** Short forms people say on the radio; each stands for a move's code. */
const SHORT: Record<string, string> = {
  派: 'dispatch', 派给: 'dispatch', assign: 'dispatch', send: 'dispatch', 签: 'take', 退: 'return', 督: 'urge', 催: 'urge', chase: 'urge', escalate: 'urge',
  延: 'extend', 结: 'check_pass', 核: 'verify_ok', 收: 'accept', 立: 'file', 废: 'void', 完: 'finish', done: 'finish',
};
const NUMBER = /^([a-z]{2})[-]?(\d{2})[-]?(\d{1,6})$/i;

/** `al26000123`, `AL26-123` → `AL26-000123`; `#12` or `12` → `12`; else nothing. */
export function caseNumber(word: string): string | undefined {
  const match = NUMBER.exec(word);
  if (match) return `${(match[1] ?? '').toUpperCase()}${match[2]}-${(match[3] ?? '').padStart(6, '0')}`;
  const id = /^#?(\d{1,9})$/.exec(word);
  return id?.[1];
}

export function findMove(word: string, moves: Named[]): Named | undefined {
  const lower = word.toLowerCase();
  const code = SHORT[lower] ?? lower;
  return (
    moves.find((m) => m.code === code || m.name_zh === word || m.name_en.toLowerCase() === lower) ??
    moves.find((m) => word.length >= 2 && (m.name_zh.startsWith(word) || m.name_en.toLowerCase().startsWith(lower) || m.code.startsWith(lower)))
  );
}

/** The longest run of words at the front that names an office, and how many words it took. */
export function findOffice(words: string[], offices: Office[]): { office: Office; used: number } | undefined {
  for (let used = Math.min(words.length, 5); used > 0; used -= 1) {
    const text = words.slice(0, used).join(' ').toLowerCase();
    const exact = offices.find((o) => [o.name_zh, o.name_en.toLowerCase(), o.code.toLowerCase()].includes(text));
    const office = exact ?? offices.find((o) => o.is_active && (o.name_zh.includes(text) || o.name_en.toLowerCase().startsWith(text)));
    if (office) return { office, used };
  }
  return undefined;
}

export function parseCommand(text: string, words: Words): Command {
  const [first, ...rest] = text.trim().split(/\s+/);
  if (!first) return { kind: 'empty' };
  const whole = caseNumber(first);
  if (whole && !rest.length) return { kind: 'case', number: whole };
  const way = words.ways.find((w) => w.words.some((word) => word.toLowerCase() === text.trim().toLowerCase()));
  if (way) return { kind: 'go', href: way.href };
  // Number first or move first: both orders are said.
  const flipped = whole && rest[0] ? findMove(rest[0], words.moves) : undefined;
  const move = flipped ?? findMove(first, words.moves);
  if (!move) return { kind: 'search', text: text.trim() };
  const numberWord = flipped ? first : rest[0];
  const number = numberWord === undefined ? undefined : caseNumber(numberWord);
  const tail = flipped ? rest.slice(1) : rest.slice(number ? 1 : 0);
  if (numberWord !== undefined && !number) return { kind: 'move', move, number: undefined, office: undefined, note: '', wrong: 'number' };
  const named = findOffice(tail, words.offices);
  const note = tail.slice(named?.used ?? 0).join(' ');
  const wantsOffice = /dispatch|redirect/.test(move.code);
  return { kind: 'move', move, number, office: named?.office, note, wrong: wantsOffice && tail.length > 0 && !named ? 'office' : 'none' };
}
