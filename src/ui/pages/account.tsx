import type { Html } from "../answer.ts";
import { describeBrowser } from "../browser_name.ts";
import { Field, Form } from "../components/form.tsx";
import { Notice, type NoticeText } from "../components/notice.tsx";
import { Time } from "../components/time.tsx";
import type { BrowserSession, BrowserUser, FederatedAccount } from "../../identity/mod.ts";
import type { Consent } from "../../oauth/mod.ts";
import type { ProviderView } from "../dependencies.ts";
import { Layout } from "../layout.tsx";
import { Clients } from "./account_clients.tsx";
import { Providers } from "./account_providers.tsx";

/** What the page shows. */
export interface AccountProps {
  readonly host: string;
  readonly browser: string;
  readonly user: BrowserUser;
  readonly sessions: readonly BrowserSession[];
  readonly clients: readonly Consent[];
  readonly accounts: readonly FederatedAccount[];
  readonly providers: readonly ProviderView[];
  readonly passkeys: number;
  readonly passwordSetAt: Date | undefined;
  readonly minPasswordLength: number;
  readonly notice: NoticeText | undefined;
}

/** A person's own sessions and credentials. */
export function AccountPage(props: AccountProps): Html {
  const { host, user, notice } = props;
  return (
    <Layout title="Your account" host={host} wide>
      <div class="head">
        <div class="intro">
          <h1 class="name">{user.name}</h1>
          <p class="muted name">{user.email} · {user.role}</p>
        </div>
        <a class="button second slim" href="/sign-out">Sign out</a>
      </div>
      {notice && <Notice notice={notice} />}
      <Sessions {...props} />
      <Clients clients={props.clients} browser={props.browser} />
      <Providers {...props} />
      <Passkeys {...props} />
      <Password {...props} />
    </Layout>
  );
}

function Sessions({ sessions, user, browser }: AccountProps): Html {
  return (
    <section aria-labelledby="sessions">
      <h2 id="sessions">Where you are signed in</h2>
      <ul class="entries">
        {sessions.map((session) => (
          <li class="entry">
            <div>
              <p>
                <strong>{describeBrowser(session.userAgent)}</strong>{" "}
                {session.sessionId === user.sessionId && <span class="badge">this browser</span>}
              </p>
              <p class="muted small">
                {session.address} · by {session.method}
                <br />
                since <Time at={session.createdAt} />, last seen <Time at={session.seenAt} />
              </p>
            </div>
            {session.sessionId !== user.sessionId && (
              <Form
                action="/account/sessions/end"
                browser={browser}
                fields={{ session: session.sessionId }}
              >
                <button
                  type="submit"
                  class="second slim"
                  aria-label={`End ${describeBrowser(session.userAgent)}, ${session.address}`}
                >
                  End
                </button>
              </Form>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Passkeys({ passkeys }: AccountProps): Html {
  const count = passkeys === 0 ? "You have none yet." : `You have ${passkeys}.`;
  return (
    <section aria-labelledby="passkeys">
      <div class="head">
        <div class="intro">
          <h2 id="passkeys">Passkeys</h2>
          <p class="muted">Sign in with a fingerprint, a face or a key. {count}</p>
        </div>
        <a class="button second slim" href="/account/passkeys">Manage passkeys</a>
      </div>
    </section>
  );
}

function Password({ passwordSetAt, minPasswordLength, browser }: AccountProps): Html {
  return (
    <section aria-labelledby="password-title">
      <div class="intro">
        <h2 id="password-title">Password</h2>
        <p class="muted">
          {passwordSetAt === undefined ? "You have none." : (
            <>
              Set <Time at={passwordSetAt} />.
            </>
          )} A new one signs you out everywhere else.
        </p>
      </div>
      <Form action="/account/password" browser={browser} class="narrow">
        {passwordSetAt !== undefined && (
          <Field
            label="Current password"
            name="current"
            type="password"
            autocomplete="current-password"
          />
        )}
        <Field
          label="New password"
          name="password"
          type="password"
          autocomplete="new-password"
          hint={`At least ${minPasswordLength} characters; a few unrelated words make a good one.`}
        />
        <Field
          label="New password, again"
          name="again"
          type="password"
          autocomplete="new-password"
        />
        <div>
          <button type="submit" class="slim">Set password</button>
        </div>
      </Form>
    </section>
  );
}
