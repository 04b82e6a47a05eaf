import { isOpaque } from "../kernel/opaque.ts";
import { field } from "./form.ts";

/** Where a sign-in leads. Never an address that somebody sent: one of these places, with a value that is checked. */
export type Destination =
  | { readonly kind: "account" | "passkeys" }
  | { readonly kind: "interaction"; readonly id: string }
  | { readonly kind: "device"; readonly code: string };

/** The destination in an address or a form; the account for what is none. */
export function readDestination(fields: URLSearchParams): Destination {
  const interaction = field(fields, "interaction");
  if (isInteraction(interaction)) return { kind: "interaction", id: interaction };
  switch (field(fields, "to")) {
    case "passkeys":
      return { kind: "passkeys" };
    case "device":
      return { kind: "device", code: readUserCode(field(fields, "user_code")) };
    default:
      return { kind: "account" };
  }
}

/** Whether `text` has the form of an interaction's id. */
export function isInteraction(text: string): boolean {
  return isOpaque(text);
}

/** A device's code as far as it can be one. */
export function readUserCode(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9-]/g, "").slice(0, 20);
}

/** The page of a destination. */
export function pathOf(destination: Destination): `/${string}` {
  switch (destination.kind) {
    case "account":
      return "/account";
    case "passkeys":
      return "/account/passkeys";
    case "interaction":
      return `/consent?interaction=${destination.id}`;
    case "device":
      return destination.code === "" ? "/device" : `/device?user_code=${destination.code}`;
  }
}

/** The fields that carry a destination through forms and addresses. */
export function fieldsOf(destination: Destination): Readonly<Record<string, string>> {
  switch (destination.kind) {
    case "account":
      return {};
    case "passkeys":
      return { to: "passkeys" };
    case "interaction":
      return { interaction: destination.id };
    case "device":
      return { to: "device", user_code: destination.code };
  }
}

/** Signing in, then the destination. */
export function signInPath(
  destination: Destination,
  more: Readonly<Record<string, string>> = {},
): `/${string}` {
  const query = new URLSearchParams({ ...fieldsOf(destination), ...more });
  return query.size === 0 ? "/sign-in" : `/sign-in?${query}`;
}
