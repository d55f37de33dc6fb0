// Where a report came from, where that says more than the channel does.

/** The console and the public form are not worth naming beside the channel; a feed or a file is. */
export function ownSource(source: string): boolean {
  return source === '' || source === 'desk' || source === 'web';
}
