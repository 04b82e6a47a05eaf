/** A network namespace with a loopback interface and no route to anywhere. */

export interface Network {
  /** Goes in front of a command line to run it in there, as that account. */
  enter(uid?: number): readonly string[];
  close(): Promise<void>;
}

/** Undefined where the host does not let us make one. */
export async function createNetwork(): Promise<Network | undefined> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return undefined;
  const holder = tryHold();
  if (holder === undefined) return undefined;
  const close = async () => {
    await holder.stdin.close();
    await holder.status;
  };
  const enter = (uid?: number) => [
    "/usr/bin/nsenter",
    `--target=${holder.pid}`,
    "--net",
    ...uid === undefined ? [] : [`--setuid=${uid}`, `--setgid=${uid}`],
    "--",
  ];
  const [program = "", ...args] = [...enter(), "ip", "link", "set", "lo", "up"];
  for (let attempt = 0; attempt < 100; attempt++) {
    // The holder needs a moment to move into its namespace; ours must not be touched meanwhile.
    if (await isElsewhere(holder.pid)) {
      const { success } = await new Deno.Command(program, { args, stderr: "null" }).output();
      if (success) return { enter, close };
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await close();
  return undefined;
}

function tryHold(): Deno.ChildProcess | undefined {
  try {
    return new Deno.Command("/usr/bin/unshare", {
      args: ["--net", "cat"],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
  } catch {
    return undefined;
  }
}

async function isElsewhere(pid: number): Promise<boolean> {
  const [own, other] = await Promise.all(
    ["self", pid].map((id) => Deno.readLink(`/proc/${id}/ns/net`).catch(() => "")),
  );
  return other !== "" && own !== other;
}
