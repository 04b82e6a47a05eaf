import type { Demo } from "../demo.ts";
import type { Scene } from "../scene.ts";

/** A user of this run alone; demos leave nobody behind. */
async function withUser(
  scene: Scene,
  name: string,
  work: (user: { readonly id: string; readonly email: string }) => Promise<void>,
): Promise<void> {
  const email = `${name}-${scene.run}@demo.example`;
  const made = await scene.spgov("admin", "users", "create", "--name", name, "--email", email);
  scene.expect(
    "a user is created, active and with the role user",
    made.data?.status === "active" &&
      made.data?.roles?.join() === "user",
    made.stderr,
  );
  try {
    await work({ id: made.data?.id ?? "", email });
  } finally {
    await scene.spgov("admin", "users", "delete", email, "--yes");
  }
}

/** Status of a hook call with this key: whether it was let in. */
async function policyOf({ url }: Scene, key: string): Promise<string> {
  const response = await fetch(`${url}/api/public/hooks/govern`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({
      hook_event_name: "PreToolUse",
      tool_name: "Read",
      tool_input: { file_path: "/tmp/notes" },
    }),
  });
  await response.body?.cancel();
  return response.headers.get("policy") ?? "none";
}

const crud: Demo = {
  name: "users/01-user-crud",
  title: "Users: created, found, changed, deleted, each change a row",
  aliases: ["users/01-user-listing"],
  play: (scene) =>
    withUser(scene, "demo-ada", async ({ id, email }) => {
      const listed = await scene.spgov("admin", "users", "list", "--limit", "1000");
      scene.expect("users are listed", listed.data?.users?.length >= 1, listed.data);
      const shown = await scene.spgov("admin", "users", "show", email);
      scene.expect("it is found by email", shown.data?.id === id, shown.data);
      const twice = await scene.spgov(
        ...["admin", "users", "create", "--name", "twin", "--email", email.toUpperCase()],
      );
      scene.expect("an email belongs to one user", twice.status === 1, twice.stderr);
      const lost = await scene.spgov(
        ...["admin", "users", "update", id, "--department", `nowhere-${scene.run}`],
      );
      scene.expect("a department that is not there is refused", lost.status === 5, lost.stderr);
      const updated = await scene.spgov("admin", "users", "update", id, "--full-name", "Ada L");
      scene.expect("it is changed", updated.data?.full_name === "Ada L", updated.data);
      const found = await scene.spgov("admin", "users", "search", email);
      scene.expect("it is found by a part of its email", found.data?.total === 1, found.data);
      const exported = await scene.spgov("admin", "users", "export", "--role", "user");
      scene.expect(
        "it is exported",
        JSON.stringify(exported.data ?? "").includes(id),
        exported.data,
      );
      const gone = await scene.spgov("admin", "users", "delete", id, "--yes");
      scene.expect("it is deleted", gone.data?.status === "deleted", gone.stderr);
      const missing = await scene.spgov("admin", "users", "show", email);
      scene.expect("it is not found any more", missing.status === 3, missing.data);
    }),
};

const roles: Demo = {
  name: "users/02-role-management",
  title: "Roles: given and taken, never beyond what was asked",
  play: (scene) =>
    withUser(scene, "demo-bob", async ({ id }) => {
      const table = await scene.spgov("admin", "roles", "list");
      scene.expect("there are six roles", table.data?.roles?.length === 6, table.data);
      const may = await scene.spgov("admin", "roles", "check", "user", "users:write");
      scene.expect("the role user may not write users", may.status === 4, may.data);
      const raised = await scene.spgov(
        ...["admin", "session", "token", "--user", id, "--role", "admin"],
      );
      scene.expect("a token is never above its user", raised.status === 4, raised.stderr);
      const promoted = await scene.spgov("admin", "users", "role", "promote", id);
      scene.expect("promoted", promoted.data?.roles?.includes("admin"), promoted.data);
      const demoted = await scene.spgov("admin", "users", "role", "demote", id);
      scene.expect("demoted", demoted.data?.roles?.join() === "user", demoted.data);
      const assigned = await scene.spgov(
        ...["admin", "users", "role", "assign", id, "--roles", "service,mcp"],
      );
      scene.expect("replaced", assigned.data?.roles?.join() === "service,mcp", assigned.data);
      const operator = await scene.spgov("admin", "users", "delete", "operator", "--yes");
      scene.expect("the operator stays", operator.status === 1, operator.data);
    }),
};

const sessions: Demo = {
  name: "users/03-session-management",
  title: "Sessions and keys: opened, seen, ended; void everywhere at once",
  play: (scene) =>
    withUser(scene, "demo-cyn", async ({ id }) => {
      const key = await scene.spgov(
        ...["admin", "keys", "create", "--user", id, "--name", "demo", "--audience", "hook"],
        ...["--scope", "hooks:*,calls:*", "--ttl", "10m"],
      );
      scene.expect("a key is made", /^spgk_/.test(key.data?.key ?? ""), key.stderr);
      scene.expect("it is let in", await policyOf(scene, key.data?.key) === "default_allow");
      const listed = await scene.spgov("admin", "users", "session", "list", id, "--active");
      scene.expect("its session is listed", listed.data?.total === 1, listed.data);
      const keys = await scene.spgov("admin", "keys", "list", "--user", id);
      scene.expect(
        "the list shows no key",
        keys.data?.keys?.length === 1 && !JSON.stringify(keys.data).includes(key.data?.key),
        keys.data,
      );
      const ended = await scene.spgov(
        ...["admin", "users", "session", "end", "--user", id, "--all", "--yes"],
      );
      scene.expect("all sessions of the user end", ended.data?.count === 1, ended.data);
      const refused = await scene.eventually(
        () => policyOf(scene, key.data?.key),
        (policy) => policy === "auth_failure",
      );
      scene.expect("the key is refused at once", refused === "auth_failure", refused);
      const narrow = await scene.spgov(
        ...["admin", "keys", "create", "--user", id, "--name", "narrow", "--audience", "hook"],
        ...["--scope", "audit:read"],
      );
      const policy = await policyOf(scene, narrow.data?.key);
      scene.expect(
        "a key reaches no further than its scopes",
        policy === "scope_restriction",
        policy,
      );
    }),
};

const bans: Demo = {
  name: "users/04-ip-ban",
  title: "Bans of addresses, networks and devices, with an end",
  async play(scene) {
    const network = "203.0.113.0/24";
    const added = await scene.spgov(
      ...["admin", "users", "ban", "add", network, "--reason", "demo", "--duration", "1h"],
    );
    try {
      scene.expect(
        "a network is banned for an hour",
        added.data?.is_permanent === false,
        added.stderr,
      );
      const inside = await scene.spgov("admin", "users", "ban", "check", "203.0.113.77");
      scene.expect("an address in it is banned", inside.data?.is_banned === true, inside.data);
      const outside = await scene.spgov("admin", "users", "ban", "check", "203.0.114.77");
      scene.expect("one beside it is not", outside.data?.is_banned === false, outside.data);
      const bad = await scene.spgov("admin", "users", "ban", "add", "999.1.1.1", "--reason", "x");
      scene.expect("what is no address is refused", bad.status === 5, bad.data);
    } finally {
      await scene.spgov("admin", "users", "ban", "remove", network, "--yes");
    }
    const lifted = await scene.spgov("admin", "users", "ban", "check", "203.0.113.77");
    scene.expect("lifted", lifted.data?.is_banned === false, lifted.data);
    await withUser(scene, "demo-dan", ({ id }) => bannedDevice(scene, id));
  },
};

async function bannedDevice(scene: Scene, userId: string): Promise<void> {
  const device = `laptop-${scene.run}`;
  const key = await scene.spgov(
    ...["admin", "keys", "create", "--user", userId, "--name", "laptop", "--audience", "hook"],
    ...["--scope", "*", "--device", device],
  );
  scene.expect(
    "a key for a device is let in",
    await policyOf(scene, key.data?.key) === "default_allow",
  );
  await scene.spgov("admin", "ban", "add", "--device", device, "--reason", "stolen");
  try {
    const refused = await scene.eventually(
      () => policyOf(scene, key.data?.key),
      (policy) => policy === "auth_failure",
    );
    scene.expect("with its device it is banned", refused === "auth_failure", refused);
  } finally {
    await scene.spgov("admin", "ban", "remove", "--device", device, "--yes");
  }
}

export const USERS: readonly Demo[] = [crud, roles, sessions, bans];
