import type { Html } from "../answer.ts";

/** The mark of the product: a keyhole in a shield. */
export function Mark(): Html {
  return (
    <svg viewBox="0 0 28 28" aria-hidden="true" focusable="false">
      <g
        fill="none"
        stroke="currentColor"
        stroke-width="2.2"
        stroke-linecap="round"
        stroke-linejoin="round"
      >
        <path d="M14 2.8 23.6 6v7.4c0 5.6-3.9 9.8-9.6 11.8-5.7-2-9.6-6.2-9.6-11.8V6Z" />
        <circle cx="14" cy="12" r="2.6" />
        <path d="M14 14.6v4.2" />
      </g>
    </svg>
  );
}

/** A tick. */
export function Tick(): Html {
  return (
    <svg viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path
        d="m4.5 10.5 3.7 3.7 7.3-8"
        fill="none"
        stroke="currentColor"
        stroke-width="2.2"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}

/** A key. */
export function Key(): Html {
  return (
    <svg viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <g
        fill="none"
        stroke="currentColor"
        stroke-width="1.8"
        stroke-linecap="round"
        stroke-linejoin="round"
      >
        <circle cx="6.8" cy="13.2" r="3.6" />
        <path d="m9.4 10.6 7-7M13 7l2.7 2.7M15.4 4.6l1.6 1.6" />
      </g>
    </svg>
  );
}

/** A house of many windows: an organisation. */
export function Building(): Html {
  return (
    <svg viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <g
        fill="none"
        stroke="currentColor"
        stroke-width="1.8"
        stroke-linecap="round"
        stroke-linejoin="round"
      >
        <path d="M3 17.2h14M5 17V3.2h7V17M12 8h3.2v9" />
        <path d="M7.6 6.4h1.8M7.6 9.6h1.8M7.6 12.8h1.8" />
      </g>
    </svg>
  );
}
