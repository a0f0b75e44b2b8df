// The clipboard, which not every browser opens.

/** Whether the browser copied these words. */
export async function copies(words: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    return false;
  }
}
