import type { FederatedAccount } from "../../identity/mod.ts";
import type { Html } from "../answer.ts";
import { Form } from "../components/form.tsx";
import { Time } from "../components/time.tsx";
import type { ProviderView } from "../dependencies.ts";

/** The accounts elsewhere that sign this person in; nothing where there are none and none can be connected. */
export function Providers(
  { accounts, providers, browser }: {
    readonly accounts: readonly FederatedAccount[];
    readonly providers: readonly ProviderView[];
    readonly browser: string;
  },
): Html | null {
  if (accounts.length === 0 && providers.length === 0) return null;
  const titles = new Map(providers.map(({ name, title }) => [name, title]));
  return (
    <section aria-labelledby="providers">
      <div class="intro">
        <h2 id="providers">Accounts elsewhere</h2>
        <p class="muted">
          {accounts.length === 0
            ? "None signs you in here yet."
            : "Whoever is signed in there can sign in here as you."}
        </p>
      </div>
      <ul class="entries">
        {accounts.map((account) => (
          <li class="entry">
            <div>
              <p>
                <strong class="name">{titles.get(account.provider) ?? account.provider}</strong>
              </p>
              <p class="muted small name">
                {account.email ?? account.subject}
                <br />
                connected <Time at={account.linkedAt} />
              </p>
            </div>
            <Form
              action="/account/providers/remove"
              browser={browser}
              fields={{ issuer: account.issuer, subject: account.subject }}
            >
              <button
                type="submit"
                class="second slim"
                aria-label={`Disconnect ${titles.get(account.provider) ?? account.provider}`}
              >
                Disconnect
              </button>
            </Form>
          </li>
        ))}
      </ul>
      {providers.map(({ name, title }) => (
        <Form
          action="/account/providers"
          browser={browser}
          fields={{ provider: name }}
          class="narrow"
        >
          <div>
            <button type="submit" class="second slim">
              <span class="name">Connect {title}</span>
            </button>
          </div>
        </Form>
      ))}
    </section>
  );
}
