import type { Child } from "hono/jsx";
import { formToken, TOKEN_FIELD } from "../../identity/mod.ts";
import type { Html } from "../answer.ts";

/** A form of this browser. */
export interface FormProps {
  readonly action: string;
  /** The browser's secret, see `Visit`. */
  readonly browser: string;
  /** Values that the form carries along. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly class?: string;
  readonly children?: Child;
}

/** A form that is sent to us and carries its token. */
export function Form({ action, browser, fields = {}, class: name, children }: FormProps): Html {
  return (
    <form method="post" action={action} class={name}>
      <Hidden browser={browser} fields={fields} />
      {children}
    </form>
  );
}

/** A form that a passkey fills in; it shows once the script has found that the browser can. */
export function PasskeyForm(
  { kind, options, action, browser, fields = {}, children }: FormProps & {
    readonly kind: "get" | "create";
    /** Where the challenge is to be had. */
    readonly options: string;
  },
): Html {
  return (
    <form
      method="post"
      action={action}
      data-passkey={kind}
      data-options={options}
      data-with-passkeys
      hidden
    >
      <Hidden browser={browser} fields={{ ...fields, answer: "" }} />
      <p class="notice bad" role="alert" hidden></p>
      {children}
    </form>
  );
}

function Hidden(
  { browser, fields }: {
    readonly browser: string;
    readonly fields: Readonly<Record<string, string>>;
  },
): Html {
  return (
    <>
      <input type="hidden" name={TOKEN_FIELD} value={formToken(browser)} />
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
    </>
  );
}

/** A line of text to fill in. */
export function Field(
  { label, name, type = "text", hint, value, autocomplete, autofocus = false }: {
    readonly label: string;
    readonly name: string;
    readonly type?: "text" | "password";
    readonly hint?: string;
    readonly value?: string;
    readonly autocomplete: string;
    readonly autofocus?: boolean;
  },
): Html {
  const described = hint === undefined ? undefined : `${name}-hint`;
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        type={type}
        value={value}
        autocomplete={autocomplete}
        autofocus={autofocus}
        autocapitalize="none"
        spellcheck={false}
        maxlength={256}
        required
        aria-describedby={described}
      />
      {hint !== undefined && <span class="hint" id={described}>{hint}</span>}
    </div>
  );
}
