// Finding by words: every typed word must occur, in any order; Chinese needs no spaces. Pure.

export function matchWords(typed: string, text: string): boolean {
  const words = typed.toLowerCase().split(/[\s,，、]+/).filter(Boolean);
  const within = text.toLowerCase();
  return words.every((word) => within.includes(word));
}
