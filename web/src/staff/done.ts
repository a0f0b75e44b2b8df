/** After what was done in a dialogue: it closes, and the page looks again who waits. */
export async function done(onClose: () => void, reload: () => Promise<void>): Promise<void> {
  onClose();
  await reload();
}
