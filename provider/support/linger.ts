/** Ends something that is no longer used, a while after the last one has let go. Keeps no process alive. */
export interface Linger {
  /** Answers how to let go. */
  hold(): () => void;
}

export function createLinger(ms: number, end: () => void): Linger {
  let held = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    hold() {
      held += 1;
      clearTimeout(timer);
      return () => {
        held -= 1;
        if (held === 0) timer = setTimeout(end, ms).unref();
      };
    },
  };
}
