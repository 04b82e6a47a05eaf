import type { Html } from "../answer.ts";
import { Field, Form, PasskeyForm } from "../components/form.tsx";
import { Key } from "../components/icons.tsx";
import { Notice, type NoticeText } from "../components/notice.tsx";
import { Time } from "../components/time.tsx";
import type { Passkey } from "../../identity/mod.ts";
import { Layout } from "../layout.tsx";

/** What the page shows. */
export interface PasskeysProps {
  readonly host: string;
  readonly browser: string;
  readonly passkeys: readonly Passkey[];
  /** Another name of this address for which browsers make passkeys; undefined where this one has them. */
  readonly elsewhere: string | undefined;
  readonly isPossible: boolean;
  readonly notice: NoticeText | undefined;
}

/** A person's passkeys: adding and removing. */
export function PasskeysPage(props: PasskeysProps): Html {
  const { host, passkeys, notice, browser } = props;
  return (
    <Layout title="Passkeys" host={host} wide script={props.isPossible}>
      <div class="head">
        <div class="intro">
          <h1>Passkeys</h1>
          <p class="muted">A device or key that signs you in without a password.</p>
        </div>
        <a class="button second slim" href="/account">Back to account</a>
      </div>
      {notice && <Notice notice={notice} />}
      <section aria-labelledby="yours">
        <h2 id="yours">Yours</h2>
        {passkeys.length === 0 ? <p class="muted">You have none yet.</p> : (
          <ul class="entries">
            {passkeys.map((passkey) => (
              <Entry key={passkey.id} passkey={passkey} browser={browser} />
            ))}
          </ul>
        )}
      </section>
      <section aria-labelledby="add">
        <h2 id="add">Add one</h2>
        <Add {...props} />
      </section>
    </Layout>
  );
}

function Entry(
  { passkey, browser }: { readonly passkey: Passkey; readonly browser: string },
): Html {
  return (
    <li class="entry">
      <div>
        <p>
          <strong>{passkey.name}</strong> {passkey.synced && <span class="badge">synced</span>}
        </p>
        <p class="muted small">
          for {passkey.host} · added <Time at={passkey.createdAt} />
          {passkey.lastUsedAt && (
            <>
              {" · "}last used <Time at={passkey.lastUsedAt} />
            </>
          )}
        </p>
      </div>
      <Form action="/account/passkeys/remove" browser={browser} fields={{ passkey: passkey.id }}>
        <button type="submit" class="second slim" aria-label={`Remove ${passkey.name}`}>
          Remove
        </button>
      </Form>
    </li>
  );
}

function Add({ browser, isPossible, elsewhere }: PasskeysProps): Html {
  if (!isPossible) {
    return (
      <p class="notice warn">
        Browsers make passkeys for names, not for addresses such as this one.{" "}
        {elsewhere !== undefined && (
          <>
            Sign in at <a href={elsewhere}>{elsewhere}</a> to add one.
          </>
        )}
      </p>
    );
  }
  return (
    <>
      <p class="notice warn" data-without-passkeys>
        Adding a passkey needs JavaScript and a browser that knows passkeys.
      </p>
      <PasskeyForm
        kind="create"
        options="/account/passkeys/options"
        action="/account/passkeys"
        browser={browser}
      >
        <div class="narrow">
          <Field
            label="Name"
            name="name"
            hint="What you recognise it by, such as “Work laptop”."
            autocomplete="off"
          />
        </div>
        <div>
          <button type="submit" class="slim">
            <Key />Add a passkey
          </button>
        </div>
      </PasskeyForm>
    </>
  );
}
