/** A lock that the kernel drops when its process dies, however it dies: nothing is ever stale. */
export interface FileLock {
  release(): void;
}

const POLL_MS = 20;

async function openLockFile(path: string): Promise<Deno.FsFile> {
  return await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
}

async function tryOn(
  path: string,
  exclusive: boolean,
): Promise<FileLock | undefined> {
  const file = await openLockFile(path);
  let taken = false;
  try {
    taken = await file.tryLock(exclusive);
  } finally {
    if (!taken) file.close();
  }
  return taken ? { release: () => unlock(file) } : undefined;
}

/** Closing alone would leave the lock with a child that is just being spawned and still shares the file. */
function unlock(file: Deno.FsFile): void {
  file.unlockSync();
  file.close();
}

/** Takes the lock at once, or not at all. `exclusive: false` takes it together with other such holders. */
export async function tryLockFile(
  path: string,
  options: { readonly exclusive: boolean },
): Promise<FileLock | undefined> {
  return await tryOn(path, options.exclusive);
}

/** Takes the lock, waiting up to `timeoutMs`; undefined when it could not be had in that time. */
export async function lockFile(
  path: string,
  options: { readonly exclusive: boolean; readonly timeoutMs: number },
): Promise<FileLock | undefined> {
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    const lock = await tryOn(path, options.exclusive);
    if (lock !== undefined || performance.now() >= deadline) return lock;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
