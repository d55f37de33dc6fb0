// Short words to the person: toasts one can read and dismiss, and announcements for screen readers only.

export interface Notice {
  id: number;
  text: string;
  detail: string;
  tone: 'done' | 'wrong';
  href: string | undefined;
  action: string | undefined;
}

const state = $state<{ list: Notice[]; spoken: string }>({ list: [], spoken: '' });
let last = 0;

export const notices = {
  get list(): readonly Notice[] {
    return state.list;
  },
  get spoken(): string {
    return state.spoken;
  },
  say(text: string): void {
    state.spoken = text;
  },
  done(text: string, link?: { href: string; action: string }): void {
    add({ text, detail: '', tone: 'done', href: link?.href, action: link?.action }, 6_000);
  },
  wrong(text: string, detail = ''): void {
    add({ text, detail, tone: 'wrong', href: undefined, action: undefined }, 15_000);
  },
  drop(id: number): void {
    state.list = state.list.filter((notice) => notice.id !== id);
  },
};

function add(notice: Omit<Notice, 'id'>, forMs: number): void {
  last += 1;
  const id = last;
  state.list = [...state.list.slice(-2), { ...notice, id }];
  setTimeout(() => notices.drop(id), forMs);
}
