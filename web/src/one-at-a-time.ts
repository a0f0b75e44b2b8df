// What is told to the server again and again, of which only the newest counts.

/**
 * Does `work` with what it is given, never two at once: what comes meanwhile waits, and only the newest of it
 * is done then. So the last that was given is the last that arrives.
 */
export function oneAtATime<T>(work: (given: T) => Promise<void>): (given: T) => void {
  let waiting: { readonly given: T } | null = null;
  let isBusy = false;
  const goOn = async () => {
    isBusy = true;
    while (waiting !== null) {
      const { given } = waiting;
      waiting = null;
      await work(given);
    }
    isBusy = false;
  };
  return (given) => {
    waiting = { given };
    if (!isBusy) {
      void goOn();
    }
  };
}
