// What may wait until the page has said what there is to say.

/** A page that nobody looks at draws nothing; there it waits so long. */
const AT_LATEST_MS = 100;

/**
 * Does this once the page is drawn as it is now. Browsers take a tenth of a second and more to take
 * sound, devices and connections down, in which they draw nothing.
 */
export function afterDrawn(work: () => void): void {
  if (typeof requestAnimationFrame !== "function") {
    work();
    return;
  }
  let done = false;
  const once = () => {
    if (!done) {
      done = true;
      work();
    }
  };
  setTimeout(once, AT_LATEST_MS);
  requestAnimationFrame(() => setTimeout(once));
}
