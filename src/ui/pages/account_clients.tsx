import type { Html } from "../answer.ts";
import { Form } from "../components/form.tsx";
import { Time } from "../components/time.tsx";
import type { Consent } from "../../oauth/mod.ts";

/** The programs that may act for a person without asking again. */
export function Clients(
  { clients, browser }: { readonly clients: readonly Consent[]; readonly browser: string },
): Html {
  return (
    <section aria-labelledby="clients">
      <div class="intro">
        <h2 id="clients">Programs you allowed</h2>
        <p class="muted">
          {clients.length === 0 ? "There are none." : "Ending one ends its access at once."}
        </p>
      </div>
      {clients.length > 0 && (
        <ul class="entries">
          {clients.map((consent) => (
            <Entry
              key={`${consent.clientId} ${consent.resource}`}
              consent={consent}
              browser={browser}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function Entry(
  { consent, browser }: { readonly consent: Consent; readonly browser: string },
): Html {
  const { clientId, resource, scopes, updatedAt } = consent;
  return (
    <li class="entry">
      <div>
        <p>
          <strong>{clientId}</strong>
        </p>
        <p class="muted small">
          <code>{resource}</code>
          <br />
          {scopes.join(", ")}, since <Time at={updatedAt} />
        </p>
      </div>
      <Form action="/account/clients/end" browser={browser} fields={{ client: clientId }}>
        <button type="submit" class="second slim" aria-label={`End ${clientId}`}>End</button>
      </Form>
    </li>
  );
}
