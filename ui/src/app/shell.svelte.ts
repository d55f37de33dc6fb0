// Which of the frame's own layers is open: command bar, key help.

const state = $state({ isCommandOpen: false, isHelpOpen: false, text: '' });

export const shell = {
  get isCommandOpen(): boolean {
    return state.isCommandOpen;
  },
  get isHelpOpen(): boolean {
    return state.isHelpOpen;
  },
  get text(): string {
    return state.text;
  },
  openCommand(text = ''): void {
    state.text = text;
    state.isCommandOpen = true;
  },
  openHelp(): void {
    state.isHelpOpen = true;
  },
  close(): void {
    state.isCommandOpen = false;
    state.isHelpOpen = false;
  },
};
