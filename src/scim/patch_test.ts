import assert from "node:assert/strict";
import { GROUP_ATTRIBUTES, USER_ATTRIBUTES } from "./attributes.ts";
import { applyPatch, type Draft, readPatch } from "./patch.ts";
import { ScimError } from "./scim_error.ts";

const WORK = { value: "ada@work.example", type: "work", primary: true };

function user(): Draft {
  return {
    userName: "ada",
    name: { givenName: "Ada", familyName: "L" },
    emails: [WORK, { value: "ada@home.example", type: "home" }],
    active: true,
  };
}

function patched(
  draft: Draft,
  attributes: typeof USER_ATTRIBUTES,
  ...operations: unknown[]
): Draft {
  applyPatch(draft, attributes, readPatch({ Operations: operations }));
  return draft;
}

Deno.test("operations as the standard and the large directories send them", () => {
  const cases: readonly (readonly [unknown, Partial<Draft>])[] = [
    [{ op: "replace", path: "active", value: false }, { active: false }],
    [{ op: "Replace", path: "active", value: "False" }, { active: "False" }],
    [{ op: "replace", value: { active: false, displayName: "A" } }, {
      ...{ active: false, displayName: "A" },
    }],
    [{ op: "add", value: { "name.familyName": "King" } }, {
      name: { givenName: "Ada", familyName: "King" },
    }],
    [{ op: "replace", path: "name.familyName", value: "King" }, {
      name: { givenName: "Ada", familyName: "King" },
    }],
    [{ op: "remove", path: "name.familyName" }, { name: { givenName: "Ada" } }],
    [{ op: "replace", path: 'emails[type eq "work"].value', value: "new@work.example" }, {
      emails: [{ value: "ada@home.example", type: "home" }].toSpliced(0, 0, {
        ...WORK,
        value: "new@work.example",
      }),
    }],
    [{ op: "add", path: 'emails[type eq "other"].value', value: "o@x.example" }, {
      emails: [...user().emails as Draft[], { type: "other", value: "o@x.example" }],
    }],
    [{ op: "remove", path: 'emails[type eq "home"]' }, { emails: [WORK] }],
    [{ op: "remove", path: "emails" }, { emails: [] }],
    [{
      op: "add",
      path: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
      value: "research",
    }, { department: "research" }],
    [{
      op: "replace",
      value: {
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { department: "research" },
      },
    }, { department: "research" }],
    [{ op: "add", path: "title", value: "Countess" }, {}],
    [{ op: "replace", value: { id: "another", schemas: [], displayName: "A" } }, {
      displayName: "A",
    }],
  ];
  for (const [operation, expected] of cases) {
    const result = patched(user(), USER_ATTRIBUTES, operation);
    assert.deepEqual(result, { ...user(), ...expected }, JSON.stringify(operation));
  }
});

Deno.test("members come, go and are replaced", () => {
  const group = (): Draft => ({ displayName: "g", members: [{ value: "a" }, { value: "b" }] });
  const cases: readonly (readonly [unknown, readonly string[]])[] = [
    [{ op: "add", path: "members", value: [{ value: "c" }, { value: "a" }] }, ["b", "c", "a"]],
    [{ op: "add", value: { members: [{ value: "c" }] } }, ["a", "b", "c"]],
    [{ op: "add", path: "members", value: { value: "c" } }, ["a", "b", "c"]],
    [{ op: "remove", path: 'members[value eq "a"]' }, ["b"]],
    [{ op: "remove", path: 'members[value eq "none"]' }, ["a", "b"]],
    [{ op: "remove", path: "members", value: [{ value: "b" }] }, ["a"]],
    [{ op: "remove", path: "members" }, []],
    [{ op: "replace", path: "members", value: [{ value: "z" }] }, ["z"]],
  ];
  for (const [operation, expected] of cases) {
    const { members } = patched(group(), GROUP_ATTRIBUTES, operation);
    const ids = (members as Draft[]).map(({ value }) => value);
    assert.deepEqual(ids, expected, JSON.stringify(operation));
  }
});

Deno.test("hostile paths and values are refused, and touch nothing else", () => {
  const hostile = [
    { op: "replace", path: "id", value: "x" },
    { op: "add", path: "roles", value: [{ value: "admin" }] },
    { op: "add", path: "groups", value: [{ value: "g" }] },
    { op: "add", path: "meta.created", value: "x" },
    { op: "add", path: "__proto__", value: { admin: true } },
    { op: "add", path: "__proto__.admin", value: true },
    { op: "add", path: "constructor.prototype", value: {} },
    { op: "add", path: "name.__proto__", value: {} },
    { op: "add", path: "name.constructor", value: {} },
    { op: "add", path: "kind", value: "service" },
    { op: "replace", path: "name", value: "text" },
    { op: "replace", path: "active.value", value: true },
    { op: "replace", path: 'active[value eq "x"]', value: true },
    { op: "replace", path: "emails.value", value: "x" },
    { op: "replace", path: "emails[", value: "x" },
    { op: "replace", path: 'emails[type eq "x"', value: "x" },
    { op: "replace", path: 'emails[type eq "none"]', value: {} },
    { op: "replace", path: 'emails]type eq "x"[', value: "x" },
    { op: "replace", path: "a".repeat(5000), value: "x" },
    { op: "replace", path: "", value: "x" },
    { op: "replace", path: "name..familyName", value: "x" },
    { op: "replace", path: "emails[" + "(".repeat(500) + "]", value: "x" },
    { op: "replace", path: "emails", value: [1] },
    { op: "replace", path: 7, value: "x" },
    { op: "remove" },
    { op: "add" },
    { op: "move", path: "active", value: true },
    { op: { toString: "add" }, value: {} },
    "text",
    null,
  ];
  for (const operation of hostile) {
    const draft = user();
    assert.throws(
      () => patched(draft, USER_ATTRIBUTES, operation),
      ScimError,
      JSON.stringify(operation),
    );
    assert.deepEqual(draft, user(), JSON.stringify(operation));
  }
  assert.equal(({} as { admin?: boolean }).admin, undefined);
  const many = Array.from({ length: 1001 }, () => ({ op: "remove", path: "active" }));
  for (
    const body of [undefined, [], {}, { Operations: [] }, { Operations: {} }, { Operations: many }]
  ) {
    assert.throws(() => readPatch(body), ScimError);
  }
  const polluted = JSON.parse('{"__proto__": {"admin": true}, "name": {"__proto__": {"x": 1}}}');
  assert.throws(() => patched(user(), USER_ATTRIBUTES, { op: "add", value: polluted }), ScimError);
});
