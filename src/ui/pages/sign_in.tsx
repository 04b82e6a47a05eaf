import type { Html } from "../answer.ts";
import { Field, Form, PasskeyForm } from "../components/form.tsx";
import { Building, Key } from "../components/icons.tsx";
import { Notice, type NoticeText } from "../components/notice.tsx";
import type { ProviderView } from "../dependencies.ts";
import { Layout } from "../layout.tsx";

/** What the page shows. */
export interface SignInProps {
  readonly host: string;
  readonly browser: string;
  /** Fields that carry where it leads. */
  readonly fields: Readonly<Record<string, string>>;
  /** The client that waits for it, as it calls itself. */
  readonly client: string | undefined;
  readonly login: string;
  readonly notice: NoticeText | undefined;
  /** Whether this address can have passkeys. */
  readonly passkeys: boolean;
  /** Where else one can sign in. */
  readonly providers: readonly ProviderView[];
}

/** Who are you? */
export function SignInPage(props: SignInProps): Html {
  const { host, browser, fields, client, login, notice, passkeys, providers } = props;
  return (
    <Layout title="Sign in" host={host} script={passkeys}>
      <div class="intro">
        <h1>Sign in</h1>
        {client !== undefined && (
          <p class="muted">
            to continue to <strong class="name">{client}</strong>
          </p>
        )}
      </div>
      {notice && <Notice notice={notice} />}
      <Form action="/sign-in" browser={browser} fields={fields}>
        <Field
          label="Email or name"
          name="login"
          value={login}
          autocomplete="username"
          autofocus={login === ""}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autocomplete="current-password"
          autofocus={login !== ""}
        />
        <button type="submit">Sign in</button>
      </Form>
      {providers.length > 0 && <p class="or">or</p>}
      {providers.map(({ name, title }) => (
        <Form action={`/sign-in/with/${name}`} browser={browser} fields={fields}>
          <button type="submit" class="second">
            <Building />
            <span class="name">Sign in with {title}</span>
          </button>
        </Form>
      ))}
      {passkeys && (
        <>
          {providers.length === 0 && <p class="or" data-with-passkeys hidden>or</p>}
          <PasskeyForm
            kind="get"
            options="/sign-in/passkey/options"
            action="/sign-in/passkey"
            browser={browser}
            fields={fields}
          >
            <button type="submit" class="second">
              <Key />Sign in with a passkey
            </button>
          </PasskeyForm>
        </>
      )}
    </Layout>
  );
}
